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

  private final ConcurrentHashMap<StreamKey, Long> next = new ConcurrentHashMap<>();

  /** Number of the first segment, and first discontinuity, of a stream that begins. */
  long first(StreamKey key, long wallMs) {
    return Math.max(wallMs / 1000, next.getOrDefault(key, 0L));
  }

  /** A stream has used all numbers below one. */
  void used(StreamKey key, long below, long wallMs) {
    long now = wallMs / 1000;
    if (below <= now) {
      next.remove(key);
      return;
    }
    if (next.size() >= MOST_NAMES) {
      next.values().removeIf(number -> number <= now);
      if (next.size() >= MOST_NAMES) {
        next.clear();
      }
    }
    next.merge(key, below, Math::max);
  }
}
