package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.PictureTrack;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The newest keyframes of one source of a stream, those that its GOPs begin with. Two origins that
 * get the same encoder's stream count its time from different moments; a keyframe that both have
 * gives the difference.
 *
 * <p>Keyframes are compared by length and CRC32C. A still picture gives the same bytes again and
 * again: among several pairs the one is taken whose two came most nearly at the same moment. A file
 * that is begun again gives them again, too: it is no twin when the first had gone on to its next
 * keyframe more than 3 s before. (The keyframe with which a source begins may be a whole GOP old.)
 *
 * <p>Pure; confined to the event loop of its stream.
 */
final class KeyframeLog {
  /** Returned when there is no pair. */
  static final long NONE = Long.MIN_VALUE;

  private static final int LENGTH = 16;
  private static final long MOST_BEHIND_NANOS = 3_000_000_000L;

  private final PictureTrack pictureTrack = new PictureTrack();
  private final long[] prints = new long[LENGTH];
  private final long[] timesMs = new long[LENGTH];
  private final long[] cameNanos = new long[LENGTH];
  private int count;

  /** Sees a tag of the source, and adds it if a GOP begins with it. Borrows it. */
  void see(FlvTag tag, long timeMs, long nowNanos) {
    if (pictureTrack.beginsGop(tag)) {
      add(tag, timeMs, nowNanos);
    }
  }

  /** Whether a GOP of the source begins with a tag that was seen. */
  boolean beginsGop(FlvTag tag) {
    return tag.keyframe() && pictureTrack.has(tag);
  }

  /** Adds a keyframe. Borrows it. */
  void add(FlvTag keyframe, long timeMs, long nowNanos) {
    int at = count++ % LENGTH;
    prints[at] = print(keyframe);
    timesMs[at] = timeMs;
    cameNanos[at] = nowNanos;
  }

  /** Forgets all keyframes. */
  void clear() {
    count = 0;
  }

  /** What to add to the other's times to get ours, or {@link #NONE} when they share nothing. */
  long ahead(KeyframeLog other) {
    long best = NONE;
    long bestApart = Long.MAX_VALUE;
    for (int i = Math.max(0, count - LENGTH); i < count; i++) {
      for (int j = Math.max(0, other.count - LENGTH); j < other.count; j++) {
        long apart = Math.abs(came(i) - other.came(j));
        if (prints[i % LENGTH] == other.prints[j % LENGTH]
            && apart < bestApart
            && !left(i, other.came(j))
            && !other.left(j, came(i))) {
          best = timesMs[i % LENGTH] - other.timesMs[j % LENGTH];
          bestApart = apart;
        }
      }
    }
    return best;
  }

  /** Whether the stream had gone on from a keyframe long before a moment. */
  private boolean left(int keyframe, long nanos) {
    return keyframe + 1 < count && nanos - came(keyframe + 1) > MOST_BEHIND_NANOS;
  }

  private long came(int keyframe) {
    return cameNanos[keyframe % LENGTH];
  }

  private static long print(FlvTag tag) {
    CRC32C crc = new CRC32C();
    for (ByteBuffer part : tag.payload().nioBuffers()) {
      crc.update(part);
    }
    return crc.getValue() << 32 | tag.payloadBytes();
  }
}
