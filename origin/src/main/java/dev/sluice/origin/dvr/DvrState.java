package dev.sluice.origin.dvr;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What {@code /api/dvr} tells. Pure.
 *
 * @param state recording, or why not: disk_full, disk_error
 * @param since when it has been so, in ISO 8601
 * @param runs oldest first
 */
public record DvrState(
    String state, String since, long windowMs, long bytes, long mostBytes, List<RunState> runs) {

  /** Copies the list. */
  public DvrState {
    runs = List.copyOf(runs);
  }

  /**
   * One run of a stream.
   *
   * @param playlist path of its playlist
   * @param live whether it goes on
   * @param from when its first segment begins, in ISO 8601
   * @param to when its last segment ends
   */
  public record RunState(
      String stream,
      String playlist,
      boolean live,
      String from,
      String to,
      int segments,
      long bytes) {}

  static DvrState of(
      String state,
      long sinceMs,
      Duration window,
      long bytes,
      long mostBytes,
      Collection<? extends List<DvrRun>> runs) {
    List<RunState> all = new ArrayList<>();
    for (List<DvrRun> ofOne : runs) {
      for (DvrRun run : ofOne) {
        List<DvrSegment> kept = List.copyOf(run.kept().values());
        if (!kept.isEmpty()) {
          all.add(of(run, kept));
        }
      }
    }
    all.sort(Comparator.comparing(RunState::from));
    return new DvrState(state, time(sinceMs), window.toMillis(), bytes, mostBytes, all);
  }

  private static RunState of(DvrRun run, List<DvrSegment> kept) {
    long size = 0;
    for (DvrSegment each : kept) {
      size += each.bytes();
    }
    return new RunState(
        run.key().toString(),
        "/" + run.key() + "/" + Long.toHexString(run.incarnation()) + ".m3u8",
        !run.isOver(),
        time(kept.getFirst().segment().dateMs()),
        time(kept.getLast().segment().endMs()),
        kept.size(),
        size);
  }

  private static String time(long ms) {
    return Instant.ofEpochMilli(ms).toString();
  }
}
