package dev.sluice.media.hls;

import dev.sluice.media.segment.DateRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The spans of time that marks or other servers' playlists told of, by their names. Bounded: of too
 * many those that end first are forgotten. Pure.
 */
final class KnownRanges {
  /** Most that a playlist has. */
  static final int MOST_LISTED = 100;

  private static final int MOST_KNOWN = 10 * MOST_LISTED;
  private static final Comparator<DateRange> LAST_FIRST =
      Comparator.comparingLong(DateRange::endMs).reversed().thenComparing(DateRange::id);
  private static final Comparator<DateRange> IN_ORDER =
      Comparator.comparingLong(DateRange::startMs).thenComparing(DateRange::id);

  private final Map<String, DateRange> known = new HashMap<>();

  /** Since which part those are known whose end is not. */
  private final Map<String, Long> openSince = new HashMap<>();

  /**
   * Adds what is told; of one that is known, its end.
   *
   * @param part the part in force, as a number that rises
   */
  void add(DateRange told, long part) {
    DateRange before = known.get(told.id());
    DateRange both = before == null ? told : before.and(told);
    if (both == null) {
      return;
    }
    known.put(both.id(), both);
    if (both.durationMs() == DateRange.OPEN) {
      openSince.putIfAbsent(both.id(), part);
    } else {
      openSince.remove(both.id());
    }
    if (known.size() > MOST_KNOWN) {
      known.values().stream().max(LAST_FIRST).ifPresent(first -> forget(first.id()));
    }
  }

  /**
   * Takes all that another server lists: one that was open before then, and is not listed, was
   * closed meanwhile and has left the window.
   *
   * @param part the part in force there
   */
  void merge(List<DateRange> told, long part) {
    Set<String> ids = new HashSet<>();
    for (DateRange each : told) {
      ids.add(each.id());
      add(each, part);
    }
    if (told.size() < MOST_LISTED) {
      for (Map.Entry<String, Long> each : List.copyOf(openSince.entrySet())) {
        if (each.getValue() <= part && !ids.contains(each.getKey())) {
          forget(each.getKey());
        }
      }
    }
  }

  private void forget(String id) {
    known.remove(id);
    openSince.remove(id);
  }

  /** Those that last until then or longer, in the order in which they begin. */
  List<DateRange> from(long ms) {
    if (known.isEmpty()) {
      return List.of();
    }
    List<DateRange> found = new ArrayList<>();
    for (DateRange each : known.values()) {
      if (each.endMs() >= ms) {
        found.add(each);
      }
    }
    if (found.size() > MOST_LISTED) {
      found.sort(LAST_FIRST);
      found.subList(MOST_LISTED, found.size()).clear();
    }
    found.sort(IN_ORDER);
    return found;
  }

  /** Forgets those that ended before. */
  void forgetBefore(long ms) {
    known.values().removeIf(each -> each.endMs() < ms);
    openSince.keySet().retainAll(known.keySet());
  }

  void clear() {
    known.clear();
    openSince.clear();
  }
}
