package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The newest keyframes of one source of a stream. Two origins that get the same encoder's stream
 * count its time from different moments; a keyframe that both have gives the difference.
 *
 * <p>Keyframes are compared by length and CRC32C. A still picture gives the same bytes again and
 * again: among several pairs the one is taken whose two came most nearly at the same moment.
 *
 * <p>Pure; confined to the event loop of its stream.
 */
final class KeyframeLog {
  /** Returned when there is no pair. */
  static final long NONE = Long.MIN_VALUE;

  private static final int LENGTH = 16;

  private final long[] prints = new long[LENGTH];
  private final long[] timesMs = new long[LENGTH];
  private final long[] cameNanos = new long[LENGTH];
  private int count;

  /** Adds a keyframe. Borrows it. */
  void add(FlvTag keyframe, long timeMs, long nowNanos) {
    int at = count++ % LENGTH;
    prints[at] = print(keyframe);
    timesMs[at] = timeMs;
    cameNanos[at] = nowNanos;
  }

  /** Forgets all. */
  void clear() {
    count = 0;
  }

  /** What to add to the other's times to get ours, or {@link #NONE} when they share nothing. */
  long ahead(KeyframeLog other) {
    long best = NONE;
    long bestApart = Long.MAX_VALUE;
    for (int i = 0; i < Math.min(count, LENGTH); i++) {
      for (int j = 0; j < Math.min(other.count, LENGTH); j++) {
        long apart = Math.abs(cameNanos[i] - other.cameNanos[j]);
        if (prints[i] == other.prints[j] && apart < bestApart) {
          best = timesMs[i] - other.timesMs[j];
          bestApart = apart;
        }
      }
    }
    return best;
  }

  private static long print(FlvTag tag) {
    CRC32C crc = new CRC32C();
    for (ByteBuffer part : tag.payload().nioBuffers()) {
      crc.update(part);
    }
    return crc.getValue() << 32 | tag.payloadBytes();
  }
}
