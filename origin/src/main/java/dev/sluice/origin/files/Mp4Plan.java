package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.media.mp4.Movie;
import dev.sluice.media.mp4.Sample;
import dev.sluice.media.vod.Mp4Film;
import dev.sluice.media.vod.Mp4Fragment;
import dev.sluice.media.vod.Mp4Opening;
import dev.sluice.media.vod.VodSegments;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The plan of an MP4 file: its {@code moov} is read once, and of the media only the samples of a
 * segment that is asked for.
 *
 * <p>Threading: as {@link HlsPlan}.
 */
final class Mp4Plan implements HlsPlan {
  private final Mp4Film film;
  private final byte[] init;

  private Mp4Plan(Mp4Film film, byte[] init) {
    this.film = film;
    this.init = init;
  }

  /** Makes a plan, or says why there is none. */
  static Made of(ReadableFile file, long size) throws IOException {
    Mp4Opening opening = new Mp4Opening(size);
    FileReads.run(file, opening);
    Movie movie = opening.movie();
    if (movie == null) {
      return new Made(null, opening.refusal());
    }
    Sample sound = Mp4Film.firstSound(movie);
    ByteBuf head =
        sound == null || sound.bytes() > VodSegments.MAX_SEGMENT_BYTES
            ? null
            : Unpooled.wrappedBuffer(FileReads.read(file, sound.position(), sound.bytes()));
    Mp4Film film = Mp4Film.of(movie, head, LEAST_MS);
    if (film == null) {
      return new Made(
          null,
          "This MP4 file has no keyframe to begin with, too much between two of them, or too many.");
    }
    byte[] init = film.init();
    return init == null
        ? new Made(
            null, "What this MP4 file says of its codecs is damaged, or they are none of ours.")
        : new Made(new Mp4Plan(film, init), "");
  }

  @Override
  public VodSegments segments() {
    return film.segments();
  }

  @Override
  public byte @Nullable [] init(int config) {
    return config == 0 ? init.clone() : null;
  }

  @Override
  public long heldBytes() {
    return film.heldBytes();
  }

  @Override
  public @Nullable String tsRefusal() {
    return film.tsRefusal();
  }

  @Override
  public byte[] segment(ReadableFile file, int number, boolean ts) throws IOException {
    Mp4Fragment fragment = new Mp4Fragment(film, number);
    for (Mp4Fragment.Read read : fragment.reads()) {
      fragment.feed(
          read, Unpooled.wrappedBuffer(FileReads.read(file, read.position(), read.bytes())));
    }
    ByteBuf made = ts ? fragment.ts() : fragment.mp4();
    try {
      return ByteBufUtil.getBytes(made);
    } finally {
      made.release();
    }
  }
}
