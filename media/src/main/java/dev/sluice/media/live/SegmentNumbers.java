package dev.sluice.media.live;

import dev.sluice.media.stream.StreamKey;
import java.util.concurrent.ConcurrentHashMap;

/**
 * With which number the segments of a stream begin: the time of day in seconds, so that a server
 * that was restarted is ahead of what it said before without a file, as a segment lasts a second at
 * least; but behind the last one that the stream had here, should the clock have been set back.
 *
 * <p>Threading: thread-safe; streams end and begin on any loop. A concurrent map, which has no
 * entry for what the clock has overtaken.
 */
final class SegmentNumbers {
  static final int MOST_NAMES = 10_000;
  private static final long YEAR_2026_MS = 1_767_225_600_000L;
  private static final long HOUR_MS = 3_600_000;

  private final ConcurrentHashMap<StreamKey, Next> next = new ConcurrentHashMap<>();

  /** The numbers that a stream has not used. */
  private record Next(long segment, long discontinuity) {
    boolean overtakenAt(long wallMs) {
      return segment <= wallMs / 1000 && discontinuity <= hour(wallMs);
    }

    Next and(Next other) {
      return new Next(
          Math.max(segment, other.segment), Math.max(discontinuity, other.discontinuity));
    }
  }

  /** Number of the first segment of a stream that begins. */
  long first(StreamKey key, long wallMs) {
    Next own = next.get(key);
    return Math.max(wallMs / 1000, own == null ? 0 : own.segment);
  }

  /**
   * Number of the first discontinuity of a stream that begins: the hour since 2026, as players walk
   * through all numbers from 0 on. hls.js 1.7.4 does so at each reload, in 0.2 ms for 9,000 and in
   * minutes for seconds since 1970.
   */
  long firstDiscontinuity(StreamKey key, long wallMs) {
    Next own = next.get(key);
    return Math.max(hour(wallMs), own == null ? 0 : own.discontinuity);
  }

  private static long hour(long wallMs) {
    return Math.max(0, wallMs - YEAR_2026_MS) / HOUR_MS;
  }

  /** A stream has used all numbers below these. */
  void used(StreamKey key, long segment, long discontinuity, long wallMs) {
    Next used = new Next(segment, discontinuity);
    if (used.overtakenAt(wallMs)) {
      next.remove(key);
      return;
    }
    if (next.size() >= MOST_NAMES) {
      next.values().removeIf(one -> one.overtakenAt(wallMs));
      if (next.size() >= MOST_NAMES) {
        next.clear();
      }
    }
    next.merge(key, used, Next::and);
  }
}
