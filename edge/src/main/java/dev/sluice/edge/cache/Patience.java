package dev.sluice.edge.cache;

/**
 * How long an answer may take to begin, and how slowly its body may come. A body that brings less
 * than 4 KiB for each second of {@code silence} is as good as none: a server that trickles hangs.
 * Pure: the moment comes in with each call.
 */
final class Patience {
  private static final long LEAST_BYTES_A_SECOND = 4096;

  private final long headNanos;
  private final long silenceNanos;
  private final long leastBytes;
  private long dueNanos;
  private long bytes;
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
    this.leastBytes = Math.max(1, silenceNanos * LEAST_BYTES_A_SECOND / 1_000_000_000L);
    this.dueNanos = nowNanos + headNanos;
  }

  void noteHead(long nowNanos) {
    begun = true;
    renew(nowNanos);
  }

  void noteBytes(int count, long nowNanos) {
    bytes += count;
    if (bytes >= leastBytes) {
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
    bytes = 0;
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
