package dev.sluice.media.vod;

import dev.sluice.media.flv.DecoderConfig;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.MediaPayload;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.fmp4.FrameTable;
import dev.sluice.media.fmp4.MovieHead;
import dev.sluice.media.segment.AudioGrid;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Lists all frames of an FLV file, for an MP4 file of the same: from its first tag to its last, by
 * a look at how each begins. Reads all of a file but long bodies, so what it finds is worth
 * keeping. A place that is no tag ends it, and so does another sequence header. Times are those of
 * a {@link StoredClock}.
 *
 * <p>Pictures before the first keyframe are left out. Sound lies on its grid, as in segments.
 *
 * <p>Pure; one caller.
 */
public final class FlvFrames implements FileProbe {
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int SEEN_BYTES = 64;
  private static final int UNITS_PER_MS = 90;

  private final FlvOpening file;
  private final @Nullable FlvTag videoHeader;
  private final @Nullable FlvTag audioHeader;
  private final @Nullable DecoderConfig video;
  private final @Nullable DecoderConfig audio;
  private final @Nullable AudioGrid grid;
  private final FrameTable frames = new FrameTable();
  private long position;
  private long decoded = -1;
  private boolean done;
  private boolean tooMany;
  private boolean changesConfig;
  private final StoredClock clock = new StoredClock();

  /** Of a file that was not looked at but for its opening. */
  public FlvFrames(FlvOpening file) {
    this.file = file;
    this.videoHeader = file.pictureConfig();
    this.audioHeader = file.soundConfig();
    this.video = videoHeader == null ? null : DecoderConfig.of(videoHeader);
    this.grid = audioHeader == null ? null : AudioGrid.of(audioHeader);
    this.audio = audioHeader == null || grid == null ? null : DecoderConfig.of(audioHeader);
    this.position = file.firstTag();
    this.done = !file.playable() || position >= file.fileBytes();
  }

  @Override
  public boolean done() {
    return done;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int bytes() {
    return WINDOW_BYTES;
  }

  @Override
  public void look(ByteBuf part) {
    int start = part.readerIndex();
    long at = start;
    while (!done) {
      long here = position + (at - start);
      long left = part.writerIndex() - at;
      TagHeader header = left < TagHeader.BYTES ? null : TagHeader.read(part, (int) at);
      boolean cut = header == null ? left < TagHeader.BYTES : left < seenBytes(header);
      if (cut && at > start && here < file.fileBytes()) {
        position = here;
        return;
      }
      boolean whole = header != null && here + header.stride() - 4L <= file.fileBytes();
      if (header == null || !whole) {
        done = true;
        return;
      }
      int body = (int) at + TagHeader.BYTES;
      take(header, part, body, here + TagHeader.BYTES);
      at += header.stride();
      if (at >= part.writerIndex()) {
        position += at - start;
        done |= position >= file.fileBytes();
        return;
      }
    }
  }

  private static int seenBytes(TagHeader header) {
    int some = header.header() ? WINDOW_BYTES / 2 : SEEN_BYTES;
    return TagHeader.BYTES + Math.min(header.bodyBytes(), some);
  }

  private void take(TagHeader header, ByteBuf part, int body, long bodyAt) {
    int seen = Math.min(header.bodyBytes(), part.writerIndex() - body);
    long timeMs =
        header.media()
            ? clock.stamp(header.type() == TagType.VIDEO, header.timeMs())
            : header.timeMs();
    FlvTag tag = new FlvTag(header.type(), timeMs, part.slice(body, seen));
    if (tag.sequenceHeader()) {
      FlvTag known = tag.video() ? videoHeader : audioHeader;
      changesConfig =
          frames.count() > 0
              && known != null
              && known.track() == tag.track()
              && !ByteBufUtil.equals(known.payload(), tag.payload());
      done = changesConfig;
      return;
    }
    DecoderConfig config = tag.video() ? video : tag.audio() ? audio : null;
    MediaPayload frame = config == null ? null : config.frame(tag);
    if (frame == null) {
      return;
    }
    if (frames.count() == FrameTable.MAX_FRAMES) {
      tooMany = true;
      done = true;
      return;
    }
    long at = bodyAt + frame.offset();
    int bytes = header.bodyBytes() - frame.offset();
    if (tag.audio() && grid != null) {
      frames.add(false, true, at, bytes, Math.max(0, grid.place(tag)), 0);
    } else if (tag.video() && (decoded >= 0 || tag.keyframe())) {
      long time = tag.timestampMs() * UNITS_PER_MS;
      decoded = Math.max(decoded + 1, time);
      long shift = time + (long) frame.compositionMs() * UNITS_PER_MS - decoded;
      int near = Math.clamp(shift, Integer.MIN_VALUE, Integer.MAX_VALUE);
      frames.add(true, tag.keyframe(), at, bytes, decoded, near);
    }
  }

  /** Whether the file has more frames than there may be, so that not all were found. */
  public boolean tooMany() {
    return tooMany;
  }

  /** Whether the configuration of a codec changes in the file, which one MP4 track cannot show. */
  public boolean changesConfig() {
    return changesConfig;
  }

  /** The frames that were found. */
  public FrameTable frames() {
    return frames;
  }

  /** What stands before the frames in an MP4 file; null when no track can be in one. */
  public byte @Nullable [] head() {
    return MovieHead.of(
        frames,
        videoHeader == null ? null : SequenceHeaders.pinned(videoHeader),
        audioHeader == null ? null : SequenceHeaders.pinned(audioHeader));
  }
}
