package dev.sluice.balancer.membership;

/**
 * How far a node's clock is ahead of ours, from when its heartbeats were sampled and when they
 * arrived. Each difference is the skew and a delay, and the delay is never below 0: the greatest of
 * a minute's is nearest to the truth. Immutable.
 *
 * @param known greatest of the stretch before this one
 * @param now greatest of this one
 * @param beats of this one so far
 */
public record ClockSkew(long known, long now, int beats) {
  private static final int STRETCH = 30;

  /** After the first heartbeat. */
  public static ClockSkew of(long sampledAtMs, long arrivedMs) {
    long ahead = sampledAtMs - arrivedMs;
    return new ClockSkew(ahead, ahead, 1);
  }

  /** After a further one. */
  public ClockSkew and(long sampledAtMs, long arrivedMs) {
    long ahead = sampledAtMs - arrivedMs;
    return beats >= STRETCH
        ? new ClockSkew(now, ahead, 1)
        : new ClockSkew(known, Math.max(now, ahead), beats + 1);
  }

  /** Milliseconds that the node's clock is ahead; below 0 it is behind. */
  public long aheadMs() {
    return beats >= STRETCH / 2 ? now : Math.max(known, now);
  }
}
