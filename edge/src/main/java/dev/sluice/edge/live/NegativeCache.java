package dev.sluice.edge.live;

import dev.sluice.media.stream.StreamKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Streams that were not there a moment ago, so that asking for them again costs the origins
 * nothing. Bounded: under a flood of names the newest are not remembered once it is full, and a
 * name is then asked for again, which is safe.
 *
 * <p>Threading: any thread; viewers come on any loop.
 */
final class NegativeCache {
  private static final int SWEEPS_PER_TTL = 8;

  private final long ttlNanos;
  private final int most;
  private final ConcurrentHashMap<StreamKey, Long> until = new ConcurrentHashMap<>();
  private final AtomicLong nextSweep = new AtomicLong(Long.MIN_VALUE);

  /**
   * Begins without any name.
   *
   * @param ttlNanos how long a name is remembered; 0 = not at all
   * @param most names remembered at once
   */
  NegativeCache(long ttlNanos, int most) {
    this.ttlNanos = ttlNanos;
    this.most = most;
  }

  /** Remembers a name, if there is room. */
  void add(StreamKey key, long nowNanos) {
    if (ttlNanos == 0) {
      return;
    }
    if (until.size() >= most && !sweep(nowNanos) && !until.containsKey(key)) {
      return;
    }
    until.put(key, nowNanos + ttlNanos);
  }

  /** Whether a name is remembered. */
  boolean contains(StreamKey key, long nowNanos) {
    Long end = until.get(key);
    if (end == null) {
      return false;
    }
    if (nowNanos - end < 0) {
      return true;
    }
    until.remove(key, end);
    return false;
  }

  /** Forgets a name: the stream is there after all. */
  void remove(StreamKey key) {
    until.remove(key);
  }

  /** Names held, those that are over included. */
  int size() {
    return until.size();
  }

  /** Forgets what is over, not too often; whether there is room now. */
  private boolean sweep(long nowNanos) {
    long due = nextSweep.get();
    boolean now = due == Long.MIN_VALUE || nowNanos - due >= 0;
    if (now && nextSweep.compareAndSet(due, nowNanos + ttlNanos / SWEEPS_PER_TTL)) {
      until.values().removeIf(end -> nowNanos - end >= 0);
    }
    return until.size() < most;
  }
}
