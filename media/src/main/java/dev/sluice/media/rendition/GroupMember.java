package dev.sluice.media.rendition;

import dev.sluice.media.rendition.GroupState.Run;
import dev.sluice.media.segment.SegmentPolicy;
import dev.sluice.media.segment.SharedNumbers;
import dev.sluice.media.stream.StreamKey;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One rendition of a group, from the first tag of its stream to the end. Of the first of a group
 * the keyframes are those of the group; others are compared with them for three GOPs, and then go
 * along. One whose keyframes are elsewhere is apart, and looked at again with each keyframe.
 *
 * <p>Threading: confined to the stream's loop; {@link #rendition()} by any thread.
 */
public final class GroupMember implements SharedNumbers {
  /** Two rounded times may differ so much and be the same. */
  private static final long LEAST_TOLERANCE_MS = 2;

  private static final long MOST_TOLERANCE_MS = 100;
  private static final long PATIENCE_MS = 15_000;
  private static final int MOST_LOSSES = 3;
  private static final int PART_OF_SEGMENT = 40;

  private final StreamKey key;
  private final Supplier<@Nullable StreamKey> madeOf;
  private final RenditionGroup group;
  private final SegmentPolicy policy;
  private final LongFunction<Run> newRun;
  private final KeyframeCheck check = new KeyframeCheck();
  private volatile Rendition rendition = Rendition.CHECKED;
  private long nowNanos;
  private long lastPictureMs = -1;
  private long frameMs;
  private long lateMs;
  private long sinceMs = -1;
  private long shiftMs;
  private boolean shifted;
  private boolean open;
  private long msn;
  private long belowMsn;
  private long waitsSinceMs = -1;
  private int losses;

  /**
   * Nothing came.
   *
   * @param madeOf asked for the stream whose times here this one comes with, when it is made of it
   * @param newRun what a group begins with whose time 0 is at the given time of this stream
   */
  public GroupMember(
      StreamKey key,
      Supplier<@Nullable StreamKey> madeOf,
      RenditionGroup group,
      SegmentPolicy policy,
      NewRun newRun) {
    this.key = key;
    this.madeOf = madeOf;
    this.group = group;
    this.policy = policy;
    this.newRun =
        timeMs ->
            new Run(
                newRun.incarnation(),
                newRun.wallZeroMs(timeMs),
                newRun.firstMsn(group.key()),
                newRun.firstDiscontinuity(group.key()));
  }

  /** What a group begins with. */
  public interface NewRun {
    /** Names it. */
    long incarnation();

    /** The time of day at which a time of this stream, which is now, was 0. */
    long wallZeroMs(long timeMs);

    /** Number of the first segment of the group. */
    long firstMsn(StreamKey group);

    /** Number of the first discontinuity of the group. */
    long firstDiscontinuity(StreamKey group);
  }

  StreamKey key() {
    return key;
  }

  /** Its group. */
  public RenditionGroup group() {
    return group;
  }

  /** How it stands with it; any thread. */
  public Rendition rendition() {
    return rendition;
  }

  private boolean isTogether() {
    return rendition.standing() == Rendition.Standing.TOGETHER;
  }

  /** The group's incarnation; while it goes along. */
  public long incarnation() {
    Run run = group.state().run();
    return run == null ? 0 : run.incarnation();
  }

  /** The time of day of the group's time 0; while it goes along. */
  public long wallZeroMs() {
    Run run = group.state().run();
    return run == null ? 0 : run.wallZeroMs();
  }

  /** The group's time less the stream's; while it goes along. */
  public long shiftMs() {
    return shiftMs;
  }

  /** With which number it begins when it is apart, so that it can come back. */
  public long firstMsnApart() {
    long behind = group.belowMsn();
    return behind == 0 ? 0 : Math.max(belowMsn, behind);
  }

  /** All numbers below are used. */
  public void used(long below) {
    belowMsn = Math.max(belowMsn, below);
  }

  // ---- whether it goes along

  /**
   * A media tag comes.
   *
   * @param encoderMs its time as it came, of which the low 32 bits count
   * @param timeMs the stream's time
   * @param picture whether it is of the track that viewers join by
   * @param keyframe whether they can join at it
   * @param shownAfterMs how much later a keyframe is shown than it is decoded; it is the time at
   *     which they are shown that renditions have in common
   */
  public void saw(
      long encoderMs, long timeMs, boolean picture, boolean keyframe, int shownAfterMs, long now) {
    nowNanos = now;
    if (sinceMs < 0) {
      sinceMs = timeMs;
    }
    if (picture) {
      if (lastPictureMs >= 0 && timeMs > lastPictureMs) {
        frameMs = timeMs - lastPictureMs;
      }
      lastPictureMs = timeMs;
    }
    if (keyframe) {
      lateMs = shownAfterMs;
      onOneClock(encoderMs, timeMs);
    }
    if (rendition.equals(Rendition.CHECKED) && timeMs - sinceMs > PATIENCE_MS) {
      rendition =
          Rendition.apart(
              "in "
                  + PATIENCE_MS / 1000
                  + " s there were no three GOPs to compare with those of the group (expected:"
                  + " keyframes at least each 5 s, at the same times in all renditions)");
    }
  }

  /** What is made here comes with its source's times here, and not with those of its encoder. */
  private void onOneClock(long encoderMs, long timeMs) {
    StreamKey source = madeOf.get();
    if (source == null) {
      group.clock(key, encoderMs - timeMs);
      keyframe(encoderMs + lateMs, timeMs + lateMs);
      return;
    }
    Long clock = group.clock(source);
    if (clock != null) {
      keyframe(encoderMs + clock + lateMs, timeMs + lateMs);
    }
  }

  private void keyframe(long encoderMs, long timeMs) {
    if (isTogether()) {
      boolean waits = !open && waitsSinceMs >= 0 && timeMs - waitsSinceMs > PATIENCE_MS;
      long groupMs = timeMs + shiftMs;
      if (!waits && group.keyframe(key, groupMs, encoderMs, nowNanos, toleranceMs())) {
        return;
      }
      restart(timeMs);
    }
    long wantedMs = wanted(timeMs);
    if (group.isAlone(key, nowNanos)) {
      long atMs = group.enter(key, newRun.apply(timeMs), encoderMs, wantedMs, nowNanos);
      if (atMs >= 0) {
        together(atMs - timeMs, timeMs);
        return;
      }
    }
    GroupState now = group.state();
    long groupMs = now.timeOf(encoderMs);
    check.saw(groupMs, now.keyframes(), toleranceMs());
    GroupState.Cut last = now.lastCut();
    if (check.isAligned() && last != null && belowMsn > last.msn() + 1) {
      rendition =
          Rendition.apart(
              "its segments are numbered up to "
                  + (belowMsn - 1)
                  + " and those of the group up to "
                  + last.msn()
                  + " (numbers never go back)");
    } else if (check.isAligned()) {
      together(groupMs - timeMs, timeMs);
      group.joins(key, groupMs, encoderMs, nowNanos, toleranceMs());
    } else if (check.isOff()) {
      rendition =
          Rendition.apart(
              "its keyframes are not those of the group: the nearest is "
                  + Math.abs(check.offMs())
                  + " ms away (expected: within a frame, over 3 GOPs; one encoder has to send all"
                  + " renditions, with the same times)");
    }
  }

  /** The group's time that a keyframe should have when there is nobody to compare with. */
  private long wanted(long timeMs) {
    Run run = group.state().run();
    if (run == null) {
      return timeMs;
    }
    Run fresh = newRun.apply(timeMs);
    long elapsedMs = fresh.wallZeroMs() + timeMs - run.wallZeroMs();
    return Math.max(elapsedMs, shifted ? timeMs + shiftMs : 0);
  }

  private void together(long shift, long timeMs) {
    shiftMs = shift;
    shifted = true;
    waitsSinceMs = timeMs;
    losses = 0;
    check.reset();
    rendition = Rendition.TOGETHER;
  }

  private void restart(long timeMs) {
    group.left(key);
    check.reset();
    sinceMs = timeMs;
    waitsSinceMs = -1;
    rendition = Rendition.CHECKED;
  }

  /** It has no pictures, by which it could go along. */
  public void withoutPictures() {
    if (rendition.equals(Rendition.CHECKED)) {
      rendition = Rendition.apart("it has no pictures");
    }
  }

  /** The publisher is gone or another took over: what comes is compared anew. */
  public void gone() {
    end();
    restart(-1);
    lastPictureMs = -1;
    frameMs = 0;
    losses = 0;
  }

  private long toleranceMs() {
    return Math.clamp(frameMs, LEAST_TOLERANCE_MS, MOST_TOLERANCE_MS);
  }

  // ---- numbers, in the group's time

  @Override
  public int targetMs() {
    return group.state().targetMs();
  }

  @Override
  public int partTargetMs() {
    return group.state().partTargetMs();
  }

  @Override
  public void learnt(int targetMs, int partTargetMs) {
    group.learnt(targetMs, partTargetMs);
  }

  @Override
  public @Nullable Place begin(long timeMs) {
    int leastMs = policy.segmentMs() - policy.segmentMs() / PART_OF_SEGMENT;
    Place at = group.begin(key, belowMsn, timeMs + lateMs, leastMs, toleranceMs(), nowNanos);
    if (at != null) {
      begun(at);
    }
    return at;
  }

  private void begun(Place at) {
    open = true;
    msn = at.msn();
    belowMsn = msn + 1;
    waitsSinceMs = -1;
  }

  @Override
  public @Nullable Place next(long timeMs, boolean due) {
    Place at = group.next(msn, timeMs + lateMs, due, toleranceMs());
    if (at != null) {
      begun(at);
    }
    return at;
  }

  @Override
  public boolean isLost(long timeMs) {
    return group.isLost(msn, timeMs + lateMs, toleranceMs());
  }

  @Override
  public @Nullable Place breakOff(long timeMs) {
    Place at = group.breakOff(key, msn, timeMs + lateMs, nowNanos);
    if (at != null) {
      begun(at);
    }
    return at;
  }

  @Override
  public void end() {
    if (open) {
      open = false;
      waitsSinceMs = lastPictureMs;
      losses++;
      if (losses >= MOST_LOSSES) {
        group.left(key);
        check.reset();
        rendition =
            Rendition.apart(
                "it fell out of step with the group "
                    + losses
                    + " times: keyframes that the others do not have, or pauses");
      }
    }
  }
}
