package dev.sluice.media.live;

import java.time.Duration;

/**
 * What a viewer that is behind gets next. Asked only for viewers behind the flushed end, whenever
 * their socket takes bytes again, so that the decision is made as late as it can be.
 *
 * <p>The ladder: send everything; leave out disposable frames; skip video to the newest keyframe
 * while audio goes on; disconnect when nothing is taken at all. Lag is measured against an
 * <em>allowance</em>, the lag a viewer had when it (re)started at a keyframe, so that a joiner who
 * starts with a long GOP is not dropped for it. The allowance shrinks with the lag and never grows.
 *
 * <p>Pure; immutable; any thread.
 *
 * @param maxLagMs video is skipped beyond this
 * @param disposableLagMs disposable frames are left out beyond this
 * @param stallNanos without a byte taken for this long a viewer is disconnected
 */
record DropPolicy(long maxLagMs, long disposableLagMs, long stallNanos) {

  /** What to do. */
  enum Verdict {
    /** Everything that is next. */
    SEND,
    /** Everything but disposable frames. */
    SKIP_DISPOSABLE,
    /** Everything but video, up to the newest keyframe. */
    SKIP_TO_KEYFRAME,
    /** Nothing more: it takes no bytes. */
    DISCONNECT
  }

  /** The policy of a configuration: disposable frames go at half the lag limit. */
  static DropPolicy of(LiveConfig config) {
    Duration maxLag = config.maxLag();
    return new DropPolicy(
        maxLag.toMillis(), maxLag.toMillis() / 2, config.stallTimeout().toNanos());
  }

  /**
   * Decides for a viewer that can take bytes.
   *
   * @param lagMs media time between the viewer's next tag and the newest
   * @param allowanceMs lag it was given when it started or resumed, as shrunk since
   * @param skipping whether video is being skipped already
   */
  Verdict decide(long lagMs, long allowanceMs, boolean skipping) {
    if (skipping || lagMs > maxLagMs + allowanceMs) {
      return Verdict.SKIP_TO_KEYFRAME;
    }
    return lagMs > disposableLagMs + allowanceMs ? Verdict.SKIP_DISPOSABLE : Verdict.SEND;
  }

  /**
   * Decides for a viewer that cannot take bytes.
   *
   * @param stalledNanos time since it last took one
   */
  Verdict stalled(long stalledNanos) {
    return stalledNanos >= stallNanos ? Verdict.DISCONNECT : Verdict.SEND;
  }

  /** The allowance after a look at the lag. */
  static long shrink(long allowanceMs, long lagMs) {
    return Math.max(0, Math.min(allowanceMs, lagMs));
  }
}
