package dev.sluice.edge.cache;

/**
 * How long an answer may take to begin, and how slowly its body may come. A body that brings less
 * than 4 KiB for each second of {@code silence} is as good as none: a server that trickles hangs.
 * Bytes that the one who waits has already, since the server ignores ranges, count for a 64th: they
 * say that it is alive, and at 256 KiB/s that it will come to those that are missing. Pure: the
 * moment comes in with each call.
 */
final class Patience {
  private static final long LEAST_BYTES_A_SECOND = 4096;
  private static final long KNOWN_BYTES_FOR_ONE = 64;

  private final long headNanos;
  private final long silenceNanos;
  private final long leastWeight;
  private long dueNanos;

  /** Of the bytes of this stretch: a known one weighs 1, another 64. */
  private long weight;

  private boolean begun;
  private boolean paused;

  /**
   * Begins with the moment of the request.
   *
   * @param headNanos until the head of the answer
   * @param silenceNanos a stretch of the body in which enough must come
   */
  Patience(long headNanos, long silenceNanos, long nowNanos) {
    this.headNanos = headNanos;
    this.silenceNanos = silenceNanos;
    this.leastWeight =
        KNOWN_BYTES_FOR_ONE * Math.max(1, silenceNanos * LEAST_BYTES_A_SECOND / 1_000_000_000L);
    this.dueNanos = nowNanos + headNanos;
  }

  void noteHead(long nowNanos) {
    begun = true;
    renew(nowNanos);
  }

  void noteBytes(int count, long nowNanos) {
    weigh(count * KNOWN_BYTES_FOR_ONE, nowNanos);
  }

  /** Notes bytes that are there already. */
  void noteKnownBytes(int count, long nowNanos) {
    weigh(count, nowNanos);
  }

  private void weigh(long more, long nowNanos) {
    weight += more;
    if (weight >= leastWeight) {
      renew(nowNanos);
    }
  }

  void pause() {
    paused = true;
  }

  void resume(long nowNanos) {
    paused = false;
    renew(nowNanos);
  }

  private void renew(long nowNanos) {
    weight = 0;
    dueNanos = nowNanos + (begun ? silenceNanos : headNanos);
  }

  /** True once the head was there. */
  boolean begun() {
    return begun;
  }

  /** How long until it may be over; 0 or less when it is. While paused it never is. */
  long leftNanos(long nowNanos) {
    return paused ? silenceNanos : dueNanos - nowNanos;
  }
}
