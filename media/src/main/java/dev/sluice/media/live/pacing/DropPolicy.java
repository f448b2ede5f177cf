package dev.sluice.media.live.pacing;

import java.time.Duration;

/**
 * The limits by which {@link DropController} decides. Pure; immutable; any thread.
 *
 * @param disposableLagMs disposable frames are left out beyond this
 * @param maxLagMs video is skipped beyond this: somewhat less than what a viewer may see, as the
 *     line may become slower while what was decided on is on its way
 * @param resumeLagMs video comes back at a keyframe that reaches the viewer at most this late
 * @param audioOnlyNanos video that was a poor show for this long is given up; 0 = never
 * @param retryNanos after this video is tried again; doubled by each failure
 * @param tooSlowNanos a line on which even the sound is late, and gets no less so for this long, is
 *     given up
 * @param stallNanos a viewer that takes no byte for this long is given up
 */
public record DropPolicy(
    long disposableLagMs,
    long maxLagMs,
    long resumeLagMs,
    long audioOnlyNanos,
    long retryNanos,
    long tooSlowNanos,
    long stallNanos) {
  private static final long RETRY_NANOS = 10_000_000_000L;

  /**
   * A policy by what an operator sets: disposable frames go at half the lag limit, video a tenth
   * before it.
   *
   * @param maxLag how far behind a viewer may be
   * @param audioOnlyAfter video that was a poor show for this long is given up; zero = never
   * @param tooSlowAfter a line on which even the sound is late for this long is given up
   * @param stallTimeout a viewer that takes no byte for this long is given up
   */
  public static DropPolicy of(
      Duration maxLag, Duration audioOnlyAfter, Duration tooSlowAfter, Duration stallTimeout) {
    return new DropPolicy(
        maxLag.toMillis() / 2,
        maxLag.toMillis() * 9 / 10,
        maxLag.toMillis() / 2,
        audioOnlyAfter.toNanos(),
        RETRY_NANOS,
        tooSlowAfter.toNanos(),
        stallTimeout.toNanos());
  }

  /** The policy for another node, whose viewers all lose what it loses: twice as patient. */
  public DropPolicy forRelay() {
    return new DropPolicy(
        2 * disposableLagMs,
        2 * maxLagMs,
        2 * resumeLagMs,
        audioOnlyNanos,
        retryNanos,
        tooSlowNanos,
        stallNanos);
  }
}
