package dev.sluice.media.mp4;

import dev.sluice.media.mp4.Mp4Exception.Reason;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code moov} of an MP4 file says: the first picture track and the first sound track that
 * can be played here; those that the file says are to be shown go before the others.
 *
 * <p>Pure; immutable.
 *
 * @param video null without pictures
 * @param audio null without sound
 */
public record Movie(@Nullable MovieTrack video, @Nullable MovieTrack audio) {
  /** Longest {@code moov} that is read: a day of film has about 60 MB. */
  public static final int MAX_BYTES = 64 << 20;

  private static final int MAX_TRACKS = 64;
  private static final int ENABLED = 1;

  /**
   * Reads it.
   *
   * @param moov the content of the box. Borrowed
   * @param fileBytes length of the file, which no sample may reach beyond
   * @throws Mp4Exception when it is damaged, or has nothing that can be played here
   */
  public static Movie of(ByteBuf moov, long fileBytes) {
    BoxReader file = BoxReader.of(moov);
    if (file.find("mvex") != null) {
      throw new Mp4Exception(
          Reason.NOT_READ, "file: fragmented MP4 (expected: one with all samples in its moov)");
    }
    long movieTimescale = MovieTrack.timescale(file.get("mvhd"));
    MovieTrack video = null;
    MovieTrack audio = null;
    Mp4Exception refused = null;
    for (boolean enabled : new boolean[] {true, false}) {
      int tracks = 0;
      BoxReader boxes = BoxReader.of(moov);
      for (BoxReader box = boxes.next(); box != null; box = boxes.next()) {
        if (!box.type().equals("trak")) {
          continue;
        }
        if (++tracks > MAX_TRACKS) {
          throw new Mp4Exception(
              Reason.TOO_MANY, "tracks: more (expected: at most " + MAX_TRACKS + ")");
        }
        if (enabled(box) != enabled) {
          continue;
        }
        String kind = MovieTrack.kind(box);
        boolean wanted =
            (kind.equals("vide") && video == null) || (kind.equals("soun") && audio == null);
        if (!wanted) {
          continue;
        }
        try {
          MovieTrack track = MovieTrack.read(box, movieTimescale, fileBytes);
          video = track.video() ? track : video;
          audio = track.video() ? audio : track;
        } catch (Mp4Exception e) {
          if (e.reason() != Reason.NOT_READ) {
            throw e;
          }
          refused = e;
        }
      }
    }
    if (refused != null && video == null) {
      throw refused; // sound alone is not the film
    }
    if (video == null && audio == null) {
      throw new Mp4Exception(
          Reason.MISSING, "tracks: none with pictures or sound (expected: at least one)");
    }
    return new Movie(video, audio);
  }

  /** Whether a track is one of those that are shown unless the viewer chooses another. */
  private static boolean enabled(BoxReader trak) {
    BoxReader tkhd = trak.find("tkhd");
    return tkhd != null && (tkhd.u32() & ENABLED) != 0;
  }

  /** What it has in memory, about. */
  public long heldBytes() {
    return (video == null ? 0 : video.heldBytes()) + (audio == null ? 0 : audio.heldBytes());
  }
}
