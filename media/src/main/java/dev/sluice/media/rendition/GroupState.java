package dev.sluice.media.rendition;

import dev.sluice.media.segment.SharedNumbers.Place;
import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the renditions of a group agree on, at one moment. Times are the group's stream time in
 * milliseconds. Pure.
 *
 * @param run what does not change while any of its streams is there; null before the first keyframe
 * @param offset group time less the encoder's, of which the low 32 bits count
 * @param cuts where segments begin, the newest last
 * @param keyframes of the renditions that go along, in order
 * @param present those that go along, and when their newest keyframe came, in nanoseconds
 */
record GroupState(
    @Nullable Run run,
    long offset,
    int targetMs,
    int partTargetMs,
    List<Cut> cuts,
    List<Long> keyframes,
    Map<StreamKey, Long> present) {
  /** Nothing is known. */
  static final GroupState NEW = new GroupState(null, 0, 0, 0, List.of(), List.of(), Map.of());

  private static final int MOST_CUTS = 64;
  private static final int MOST_KEYFRAMES = 64;

  /**
   * One life of a group.
   *
   * @param wallZeroMs the time of day of its time 0, in milliseconds since the Unix epoch
   */
  record Run(long incarnation, long wallZeroMs, long firstMsn, long firstDiscontinuity) {}

  /** Where a segment begins. */
  record Cut(long timeMs, long msn, long discontinuity, boolean discontinuous) {
    boolean isAt(long otherMs, long toleranceMs) {
      return Math.abs(timeMs - otherMs) <= toleranceMs;
    }

    Place place() {
      return new Place(msn, discontinuity, discontinuous);
    }
  }

  /** Copies the collections. */
  GroupState {
    cuts = List.copyOf(cuts);
    keyframes = List.copyOf(keyframes);
    present = Map.copyOf(present);
  }

  @Nullable Cut lastCut() {
    return cuts.isEmpty() ? null : cuts.getLast();
  }

  /** The newest time that is known. */
  long newestMs() {
    Cut cut = lastCut();
    long cutMs = cut == null ? 0 : cut.timeMs();
    return keyframes.isEmpty() ? cutMs : Math.max(cutMs, keyframes.getLast());
  }

  /** The group's time of an encoder's, by nearest distance. */
  long timeOf(long encoderMs) {
    long newest = newestMs();
    return newest + (int) (encoderMs + offset - newest);
  }

  /** Whether others go along of whom a keyframe came since. */
  boolean hasOthers(StreamKey than, long sinceNanos) {
    for (Map.Entry<StreamKey, Long> each : present.entrySet()) {
      if (!each.getKey().equals(than) && each.getValue() - sinceNanos >= 0) {
        return true;
      }
    }
    return false;
  }

  GroupState begun(Run as) {
    return new GroupState(as, offset, targetMs, partTargetMs, cuts, keyframes, present);
  }

  GroupState targets(int target, int partTarget) {
    return targetMs > 0
        ? this
        : new GroupState(run, offset, target, partTarget, cuts, keyframes, present);
  }

  /** One that goes along has a keyframe. */
  GroupState keyframe(StreamKey member, long timeMs, long by, long nowNanos, long toleranceMs) {
    Map<StreamKey, Long> all = new HashMap<>(present);
    all.put(member, nowNanos);
    return new GroupState(
        run, by, targetMs, partTargetMs, cuts, with(keyframes, timeMs, toleranceMs), all);
  }

  private static List<Long> with(List<Long> sorted, long timeMs, long toleranceMs) {
    List<Long> all = new ArrayList<>(sorted);
    int at = all.size();
    while (at > 0 && all.get(at - 1) > timeMs) {
      at--;
    }
    boolean known =
        (at > 0 && timeMs - all.get(at - 1) <= toleranceMs)
            || (at < all.size() && all.get(at) - timeMs <= toleranceMs);
    if (!known) {
      all.add(at, timeMs);
    }
    return all.size() > MOST_KEYFRAMES ? all.subList(1, all.size()) : all;
  }

  /** Without those that go along. */
  GroupState alone() {
    return new GroupState(run, offset, targetMs, partTargetMs, cuts, keyframes, Map.of());
  }

  GroupState without(StreamKey member) {
    Map<StreamKey, Long> all = new HashMap<>(present);
    all.remove(member);
    return new GroupState(run, offset, targetMs, partTargetMs, cuts, keyframes, all);
  }

  GroupState cut(Cut next) {
    List<Cut> all = new ArrayList<>(cuts);
    all.add(next);
    List<Cut> kept = all.size() > MOST_CUTS ? all.subList(1, all.size()) : all;
    return new GroupState(run, offset, targetMs, partTargetMs, kept, keyframes, present);
  }
}
