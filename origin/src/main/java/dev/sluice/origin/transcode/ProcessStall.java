package dev.sluice.origin.transcode;

import java.time.Duration;

/**
 * Tells a process that hangs from one whose source is quiet: it was sent media for a while without
 * a pause, and gave nothing.
 *
 * <p>Pure; one caller, who asks about once a second.
 */
final class ProcessStall {
  /** So long a process may be sent media and give nothing; ffmpeg looks for a second at first. */
  static final Duration LIMIT = Duration.ofSeconds(20);

  /** A source that was quiet for longer has paused, and the time begins anew. */
  private static final long PAUSE_NANOS = Duration.ofSeconds(3).toNanos();

  private long given;
  private long sent;
  private long sentNanos;
  private long sinceNanos;
  private boolean owes;

  /** A process that was sent nothing and gave nothing. */
  ProcessStall(long nowNanos) {
    sentNanos = nowNanos;
    sinceNanos = nowNanos;
  }

  /**
   * Whether it hangs.
   *
   * @param allSent bytes that it was sent, or that wait for it, so far
   * @param allGiven bytes that came of it so far
   */
  boolean hangs(long allSent, long allGiven, long nowNanos) {
    if (allGiven != given) {
      given = allGiven;
      owes = false;
    }
    if (allSent != sent) {
      if (!owes || nowNanos - sentNanos > PAUSE_NANOS) {
        sinceNanos = nowNanos;
      }
      owes = true;
      sent = allSent;
      sentNanos = nowNanos;
    }
    return owes && nowNanos - sentNanos <= PAUSE_NANOS && nowNanos - sinceNanos >= LIMIT.toNanos();
  }
}
