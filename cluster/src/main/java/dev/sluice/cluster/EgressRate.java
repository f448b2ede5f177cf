package dev.sluice.cluster;

/**
 * The rate at which a node sends, from its count of bytes: taken over stretches of half a second or
 * more, so that two heartbeats close together do not report noise. When the clock is set back it
 * begins anew and keeps the last rate meanwhile.
 *
 * <p>Threading: any thread; two that sample at once may both take the sample, to the same effect.
 */
public final class EgressRate {
  private static final long STRETCH_MS = 500;

  private volatile Sample last;

  /**
   * What was measured.
   *
   * @param atMs when, in milliseconds of the clock that the caller reads
   * @param bytes sent until then
   * @param bitsPerSecond the rate of the stretch that ended then
   */
  public record Sample(long atMs, long bytes, long bitsPerSecond) {}

  /** Starts at this time with nothing sent. */
  public EgressRate(long nowMs) {
    last = new Sample(nowMs, 0, 0);
  }

  /** The newest sample; takes one if the last is old enough. */
  public Sample sample(long nowMs, long bytes) {
    Sample before = last;
    long stretch = nowMs - before.atMs();
    if (stretch >= 0 && stretch < STRETCH_MS) {
      return before;
    }
    long rate =
        stretch < 0
            ? before.bitsPerSecond()
            : Math.max(0, (bytes - before.bytes()) * 8 * 1000 / stretch);
    Sample now = new Sample(nowMs, bytes, rate);
    last = now;
    return now;
  }
}
