package dev.sluice.media.live.pacing;

/**
 * Decides what a viewer that is behind gets next. Asked whenever its line takes bytes again, so
 * that each decision is made as late as it can be.
 *
 * <pre>
 *  ALL            lag above half the limit: leave out disposable frames
 *  NO_DISPOSABLE  lag above the limit: no video up to a new keyframe, while audio goes on
 *  TO_KEYFRAME    video has been a poor show for a while: give it up for a while
 *  AUDIO_ONLY     even the sound is late and gets no less so: disconnect
 * </pre>
 *
 * <p>Back up: from TO_KEYFRAME at any keyframe that reaches the viewer at most half the limit late.
 * From AUDIO_ONLY the same, but first after 10 s (and up to half as much more), and after 20, 40
 * and at most 60 s when video fails again. Video has failed when less than {@value #POOR_PERCENT} %
 * of the media time got through from one skip to the next; that must go on for {@link
 * DropPolicy#audioOnlyNanos}, but a viewer on trial goes back to AUDIO_ONLY at once.
 *
 * <p>A joiner starts behind, at the keyframe of a GOP that may be long. It is given that lag, and
 * one millisecond less with each millisecond that passes: a line at twice the bit rate makes it.
 *
 * <p>Pure state: touches no clock, channel or meter. Confined to its viewer's event loop.
 */
public final class DropController {
  /** What the viewer gets next. */
  public enum Verdict {
    /** Everything that is next. */
    SEND,
    /** Everything but disposable frames. */
    SKIP_DISPOSABLE,
    /** Everything but video, of which nothing more is sent before a keyframe. */
    SKIP_VIDEO,
    /** Nothing more: its line does not even carry the sound. */
    DISCONNECT
  }

  static final int POOR_PERCENT = 30;
  private static final long MAX_RETRY_NANOS = 60_000_000_000L;
  private static final long PROGRESS_MS = 500;
  private static final long NEVER = Long.MIN_VALUE;

  private final DropPolicy policy;
  private final float spread;
  private DropLevel level = DropLevel.ALL;
  private long startNanos;
  private long joinLagMs;

  private long shownFromMs;
  private long cycleNanos;
  private long poorSinceNanos = NEVER;
  private long retryNanos;
  private long retryAtNanos;
  private long lateSinceNanos = NEVER;
  private long leastLateMs;
  private int skips;

  /**
   * A viewer that gets everything: {@link DropLevel#ALL}.
   *
   * @param spread 0 to 1, another for each viewer, so that they do not all try video again at once
   */
  public DropController(DropPolicy policy, float spread) {
    this.policy = policy;
    this.spread = spread;
    this.retryNanos = policy.retryNanos();
  }

  /**
   * A viewer starts.
   *
   * @param atMs media time of its first tag
   * @param lagMs how far behind that is
   * @param withVideo whether its first video frame is a keyframe; else one must come first
   */
  public void start(long nowNanos, long atMs, long lagMs, boolean withVideo) {
    startNanos = nowNanos;
    cycleNanos = nowNanos;
    shownFromMs = atMs;
    joinLagMs = lagMs;
    level = withVideo ? DropLevel.ALL : DropLevel.TO_KEYFRAME;
  }

  public DropLevel level() {
    return level;
  }

  /** Whether video is being left out. */
  public boolean withoutVideo() {
    return level == DropLevel.TO_KEYFRAME || level == DropLevel.AUDIO_ONLY;
  }

  /** How often video was skipped. */
  public int skips() {
    return skips;
  }

  /**
   * Decides for a viewer whose line takes bytes.
   *
   * @param lagMs how late the next tag is when it reaches the viewer
   * @param nextMs media time of the next tag
   * @param atKeyframe whether the next tag is the newest keyframe
   */
  public Verdict decide(long nowNanos, long lagMs, long nextMs, boolean atKeyframe) {
    if (withoutVideo()) {
      return decideWithoutVideo(nowNanos, lagMs, nextMs, atKeyframe);
    }
    long allowanceMs = allowanceMs(nowNanos);
    if (lagMs > policy.maxLagMs() + allowanceMs) {
      skip(nowNanos, nextMs);
      return decideWithoutVideo(nowNanos, lagMs, nextMs, atKeyframe);
    }
    if (poorSinceNanos != NEVER && nowNanos - cycleNanos >= policy.audioOnlyNanos()) {
      forgive();
    }
    boolean late = lagMs > policy.disposableLagMs() + allowanceMs;
    level = late ? DropLevel.NO_DISPOSABLE : DropLevel.ALL;
    return late ? Verdict.SKIP_DISPOSABLE : Verdict.SEND;
  }

  /** The viewer has everything there is. */
  public void caughtUp() {
    joinLagMs = 0;
    lateSinceNanos = NEVER;
  }

  /** What came next is no longer held; video frames are missing when the stream has any. */
  public void expired(long nowNanos, long nextMs, boolean hasVideo) {
    if (hasVideo && !withoutVideo()) {
      skip(nowNanos, nextMs);
    }
  }

  /** Video was off for another reason and is wanted again. */
  public void keyframeFirst(long nowNanos) {
    if (!withoutVideo()) {
      cycleNanos = nowNanos;
      level = DropLevel.TO_KEYFRAME;
    }
  }

  /** The stream has no video after all: nothing to wait for. */
  public void noVideo() {
    level = DropLevel.ALL;
  }

  private Verdict decideWithoutVideo(long nowNanos, long lagMs, long nextMs, boolean atKeyframe) {
    if (soundIsTooLate(nowNanos, lagMs)) {
      return Verdict.DISCONNECT;
    }
    boolean fresh = lagMs <= policy.resumeLagMs();
    if (atKeyframe && fresh && (level == DropLevel.TO_KEYFRAME || nowNanos - retryAtNanos >= 0)) {
      resume(nowNanos, nextMs);
      return Verdict.SEND;
    }
    if (level == DropLevel.TO_KEYFRAME && !fresh && givenUp(nowNanos - cycleNanos)) {
      audioOnly(nowNanos);
    }
    return Verdict.SKIP_VIDEO;
  }

  /** Late sound that becomes less so is a viewer that comes back after a pause. */
  private boolean soundIsTooLate(long nowNanos, long lagMs) {
    if (lagMs <= policy.maxLagMs()) {
      lateSinceNanos = NEVER;
    } else if (lateSinceNanos == NEVER || lagMs < leastLateMs - PROGRESS_MS) {
      lateSinceNanos = nowNanos;
      leastLateMs = lagMs;
    } else {
      return nowNanos - lateSinceNanos >= policy.tooSlowNanos();
    }
    return false;
  }

  private void skip(long nowNanos, long nextMs) {
    skips++;
    joinLagMs = 0;
    lateSinceNanos = NEVER;
    long shownNanos = Math.max(0, nextMs - shownFromMs) * 1_000_000;
    long passedNanos = nowNanos - cycleNanos;
    if (shownNanos >= passedNanos / 100 * POOR_PERCENT) {
      forgive();
    } else if (poorSinceNanos == NEVER) {
      poorSinceNanos = nowNanos;
    }
    boolean giveUp = poorSinceNanos != NEVER && givenUp(nowNanos - poorSinceNanos);
    cycleNanos = nowNanos;
    level = DropLevel.TO_KEYFRAME;
    if (giveUp) {
      audioOnly(nowNanos);
    }
  }

  private boolean givenUp(long poorNanos) {
    return policy.audioOnlyNanos() > 0 && poorNanos >= policy.audioOnlyNanos();
  }

  private void audioOnly(long nowNanos) {
    level = DropLevel.AUDIO_ONLY;
    if (poorSinceNanos == NEVER) {
      poorSinceNanos = cycleNanos;
    }
    retryAtNanos = nowNanos + retryNanos + (long) (retryNanos * spread / 2);
    retryNanos = Math.min(retryNanos * 2, Math.max(MAX_RETRY_NANOS, policy.retryNanos()));
  }

  private void resume(long nowNanos, long nextMs) {
    if (level == DropLevel.AUDIO_ONLY) {
      cycleNanos = nowNanos; // the time without video was no attempt at it
    }
    level = DropLevel.ALL;
    shownFromMs = nextMs;
  }

  private void forgive() {
    poorSinceNanos = NEVER;
    retryNanos = policy.retryNanos();
  }

  private long allowanceMs(long nowNanos) {
    return joinLagMs == 0 ? 0 : Math.max(0, joinLagMs - (nowNanos - startNanos) / 1_000_000);
  }
}
