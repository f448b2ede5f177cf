package dev.sluice.media.fmp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.MediaPayload;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * The frames of one track in a part, and the box that lists them.
 *
 * <pre>
 * traf  tfhd: track, offsets count from the moof | tfdt version 1: time of the first, 64 bits
 *       trun version 1: (duration 32 | bytes 32 | [flags 32] | [composition offset 32, signed])...
 * </pre>
 *
 * <p>Flags are those of pictures; of sound every frame can be decoded on its own. Composition
 * offsets are left out of sound that has none.
 *
 * <p>Pure; one caller. Borrows the tags.
 */
final class TrackRun {
  private static final int OFFSETS_FROM_MOOF = 0x020000;
  private static final int TRUN_SOUND = 0x000301; // data offset, durations, sizes
  private static final int TRUN_FLAGS = 0x000400;
  private static final int TRUN_OFFSETS = 0x000800;
  private static final int BOXES_BYTES = 8 + 16 + 20 + 20;
  private static final int SYNC = 2 << 24; // depends on none
  private static final int DEPENDS = 1 << 24 | 1 << 16; // on others, and is no sync sample
  private static final int DISPOSABLE = 2 << 22; // none depends on it

  private final int trackId;
  private final boolean pictures;
  private final List<FlvTag> tags;
  private final List<MediaPayload> frames;
  private final long[] decodes;
  private final long[] shown;
  private boolean offsets;
  private long bytes;
  private long last;

  TrackRun(int trackId, boolean pictures, int most) {
    this.trackId = trackId;
    this.pictures = pictures;
    this.offsets = pictures;
    this.tags = new ArrayList<>(most);
    this.frames = new ArrayList<>(most);
    this.decodes = new long[most];
    this.shown = new long[most];
  }

  /** Adds a frame that is decoded not before the one added last. */
  void add(FlvTag tag, MediaPayload frame, long decode, long shownAt) {
    decodes[frames.size()] = decode;
    shown[frames.size()] = shownAt;
    offsets |= shownAt != decode;
    tags.add(tag);
    frames.add(frame);
    bytes += frame.bytes();
  }

  /** Says when the last frame ends; it lasts some time in any case. */
  void endAt(long time, long least) {
    if (!isEmpty()) {
      last = Math.max(time, decodes[frames.size() - 1] + least);
    }
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  /** Bytes of all frames. */
  long bytes() {
    return bytes;
  }

  /** Bytes that {@link #write} writes. */
  int boxBytes() {
    int each = 8 + (pictures ? 4 : 0) + (offsets ? 4 : 0);
    return isEmpty() ? 0 : BOXES_BYTES + frames.size() * each;
  }

  /**
   * Writes the box; nothing without frames.
   *
   * @param dataOffset where the first frame begins, from the begin of the moof
   */
  void write(BoxWriter out, int dataOffset) {
    if (isEmpty()) {
      return;
    }
    int traf = out.begin("traf");
    int tfhd = out.begin("tfhd", 0, OFFSETS_FROM_MOOF);
    out.u32(trackId).end(tfhd);
    int tfdt = out.begin("tfdt", 1, 0);
    out.u64(decodes[0]).end(tfdt);
    int said = TRUN_SOUND | (pictures ? TRUN_FLAGS : 0) | (offsets ? TRUN_OFFSETS : 0);
    int trun = out.begin("trun", 1, said);
    out.u32(frames.size()).u32(dataOffset);
    for (int i = 0; i < frames.size(); i++) {
      long end = i + 1 < frames.size() ? decodes[i + 1] : last;
      out.u32(unsigned(end - decodes[i])).u32(frames.get(i).bytes());
      if (pictures) {
        out.u32(flags(tags.get(i)));
      }
      if (offsets) {
        out.u32(signed(shown[i] - decodes[i]));
      }
    }
    out.end(trun).end(traf);
  }

  private static int flags(FlvTag tag) {
    return tag.keyframe() ? SYNC : tag.disposable() ? DEPENDS | DISPOSABLE : DEPENDS;
  }

  private static int unsigned(long value) {
    return (int) Math.clamp(value, 0L, 0xFFFFFFFFL);
  }

  private static int signed(long value) {
    return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  void copyFrames(ByteBuf to) {
    for (int i = 0; i < frames.size(); i++) {
      MediaPayload frame = frames.get(i);
      ByteBuf body = tags.get(i).payload();
      to.writeBytes(body, body.readerIndex() + frame.offset(), frame.bytes());
    }
  }
}
