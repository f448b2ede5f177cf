package dev.sluice.media.rendition;

import dev.sluice.media.rendition.GroupState.Cut;
import dev.sluice.media.rendition.GroupState.Run;
import dev.sluice.media.segment.SharedNumbers.Place;
import dev.sluice.media.stream.StreamKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of the segments of a group of renditions. Whoever of those that go along is the first
 * to come to the end of a segment decides that it ends there; the others find that decision when
 * they come to the same time. So nobody waits for anybody, and which of them is ahead does not
 * matter.
 *
 * <p>All times are one clock: that of the encoder, who must give equal pictures equal times in all
 * renditions, plus an {@code offset} that is found anew when everything was interrupted.
 *
 * <p>Threading: any thread. The state is immutable and replaced as a whole; the members' loops meet
 * here once a keyframe and once a segment.
 */
public final class RenditionGroup {
  /** One whose newest keyframe is older does not count as being there. */
  private static final long PRESENT_NANOS = 15_000_000_000L;

  private final StreamKey key;
  private final AtomicReference<GroupState> state = new AtomicReference<>(GroupState.NEW);

  /** An encoder's times less those of its stream. */
  private final ConcurrentHashMap<StreamKey, Long> clocks = new ConcurrentHashMap<>();

  /** Nobody is in it. */
  public RenditionGroup(StreamKey key) {
    this.key = key;
  }

  /** Its name. */
  public StreamKey key() {
    return key;
  }

  /** What the times of a stream's encoder have more than those of the stream. */
  void clock(StreamKey member, long lessMs) {
    clocks.put(member, lessMs);
  }

  /** The same; null while there is no such stream. */
  @Nullable Long clock(StreamKey member) {
    return clocks.get(member);
  }

  /** All numbers of segments below are used. */
  public long belowMsn() {
    Cut last = state.get().lastCut();
    return last == null ? 0 : last.msn() + 1;
  }

  /** All numbers of discontinuities below are used. */
  public long belowDiscontinuity() {
    Cut last = state.get().lastCut();
    return last == null ? 0 : last.discontinuity() + 1;
  }

  GroupState state() {
    return state.get();
  }

  /**
   * A rendition that finds nobody begins, or goes on after all were interrupted.
   *
   * @param timeMs the time that its keyframe is to have, unless the group is further already
   * @return the time that it has; -1 when somebody is there
   */
  long enter(StreamKey member, Run ifNew, long encoderMs, long timeMs, long nowNanos) {
    while (true) {
      GroupState now = state.get();
      if (now.hasOthers(member, nowNanos - PRESENT_NANOS)) {
        return -1;
      }
      Run run = now.run() == null ? ifNew : now.run();
      boolean fresh = now.run() == null;
      long atMs = fresh ? timeMs : Math.max(timeMs, now.newestMs() + 1);
      GroupState next =
          now.begun(run).alone().keyframe(member, atMs, atMs - encoderMs, nowNanos, 0);
      if (state.compareAndSet(now, next)) {
        return atMs;
      }
    }
  }

  /** One goes along from now on. */
  void joins(StreamKey member, long timeMs, long encoderMs, long nowNanos, long toleranceMs) {
    change(s -> s.keyframe(member, timeMs, timeMs - encoderMs, nowNanos, toleranceMs));
  }

  /**
   * One that goes along has a keyframe.
   *
   * @return false when the group has begun anew without it
   */
  boolean keyframe(StreamKey member, long timeMs, long encoderMs, long nowNanos, long tolerance) {
    GroupState after =
        state.updateAndGet(
            s ->
                s.present().containsKey(member)
                    ? s.keyframe(member, timeMs, timeMs - encoderMs, nowNanos, tolerance)
                    : s);
    return after.present().containsKey(member);
  }

  /** One does not go along any more. */
  void left(StreamKey member) {
    change(s -> s.without(member));
  }

  void learnt(int targetMs, int partTargetMs) {
    change(s -> s.targets(targetMs, partTargetMs));
  }

  private void change(UnaryOperator<GroupState> by) {
    state.updateAndGet(by);
  }

  boolean isAlone(StreamKey member, long nowNanos) {
    return !state.get().hasOthers(member, nowNanos - PRESENT_NANOS);
  }

  /**
   * Where a rendition begins of which nothing is open.
   *
   * @param belowMsn numbers below were used
   * @param leastMs how long a segment is at least
   */
  @Nullable Place begin(
      StreamKey member, long belowMsn, long timeMs, long leastMs, long toleranceMs, long nowNanos) {
    while (true) {
      GroupState now = state.get();
      Run run = now.run();
      Cut last = now.lastCut();
      boolean alone = !now.hasOthers(member, nowNanos - PRESENT_NANOS);
      if (run == null || (!alone && now.targetMs() == 0)) {
        return null;
      }
      for (Cut cut : now.cuts()) {
        if (cut.isAt(timeMs, toleranceMs)) {
          // Right behind what it had there would be a break that the others do not have.
          return cut.msn() > belowMsn || (cut.msn() == belowMsn && cut.discontinuous())
              ? cut.place()
              : null;
        }
      }
      Cut next = null;
      if (last == null) {
        long first = Math.max(run.firstMsn(), belowMsn);
        next = new Cut(timeMs, first, run.firstDiscontinuity(), false);
      } else if (timeMs > last.timeMs() && (alone || timeMs - last.timeMs() >= leastMs)) {
        long number = alone ? Math.max(last.msn() + 1, belowMsn) : last.msn() + 1;
        next = new Cut(timeMs, number, last.discontinuity() + (alone ? 1 : 0), alone);
      }
      if (next == null || next.msn() < belowMsn + (next.discontinuous() || last == null ? 0 : 1)) {
        return null;
      }
      if (state.compareAndSet(now, now.cut(next))) {
        return next.place();
      }
    }
  }

  /** Where the segment after another one begins; null = not here. */
  @Nullable Place next(long msn, long timeMs, boolean due, long toleranceMs) {
    while (true) {
      GroupState now = state.get();
      Cut known = after(now, msn);
      if (known != null) {
        boolean here = known.isAt(timeMs, toleranceMs) && !known.discontinuous();
        return here ? known.place() : null;
      }
      Cut last = now.lastCut();
      if (!due || last == null || last.msn() != msn) {
        return null;
      }
      Cut next = new Cut(timeMs, msn + 1, last.discontinuity(), false);
      if (state.compareAndSet(now, now.cut(next))) {
        return next.place();
      }
    }
  }

  /** Whether the segment after another one has begun before a time, or with a break. */
  boolean isLost(long msn, long timeMs, long toleranceMs) {
    GroupState now = state.get();
    Cut known = after(now, msn);
    Cut last = now.lastCut();
    if (known == null) {
      return last == null || last.msn() != msn;
    }
    return known.discontinuous() || known.timeMs() < timeMs - toleranceMs;
  }

  private static @Nullable Cut after(GroupState now, long msn) {
    for (Cut cut : now.cuts()) {
      if (cut.msn() == msn + 1) {
        return cut;
      }
    }
    return null;
  }

  /** Breaks off for all, which only one who is alone can. */
  @Nullable Place breakOff(StreamKey member, long msn, long timeMs, long nowNanos) {
    while (true) {
      GroupState now = state.get();
      Cut last = now.lastCut();
      boolean alone = !now.hasOthers(member, nowNanos - PRESENT_NANOS);
      if (!alone || last == null || last.msn() != msn || timeMs <= last.timeMs()) {
        return null;
      }
      Cut next = new Cut(timeMs, msn + 1, last.discontinuity() + 1, true);
      if (state.compareAndSet(now, now.cut(next))) {
        return next.place();
      }
    }
  }
}
