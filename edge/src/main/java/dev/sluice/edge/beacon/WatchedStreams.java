package dev.sluice.edge.beacon;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What players said of each live stream, for {@code /api/streams}. Only streams that are here are
 * kept, at most {@value #MOST}; what was said of one goes with it.
 *
 * <p>Pure but for its lock; any thread.
 */
final class WatchedStreams {
  static final int MOST = 1_000;
  private static final double NEW_COUNTS = 0.1;

  private final Predicate<String> isHere;
  private final Map<String, Seen> streams = new HashMap<>();

  /**
   * A summary: what players said since the stream came here, of those that tell.
   *
   * @param beacons how many were taken
   * @param joinMs mean time to the first picture, the newest counting most; -1 before any
   * @param latencyMs the same of the latency; -1 before any
   * @param stalls times that a picture stood still
   * @param stalledMs how long in all
   * @param playedMs time played in all
   * @param droppedFrames not shown, as machines were slow
   * @param moves of viewers that came here from another edge
   */
  record Seen(
      long beacons,
      long joinMs,
      long latencyMs,
      long stalls,
      long stalledMs,
      long playedMs,
      long droppedFrames,
      long moves) {
    private static final Seen NOTHING = new Seen(0, -1, -1, 0, 0, 0, 0, 0);

    private Seen and(Beacon beacon) {
      return new Seen(
          beacons + 1,
          mean(joinMs, beacon.joinMs()),
          mean(latencyMs, beacon.latencyMs()),
          stalls + beacon.stalls(),
          stalledMs + beacon.stalledMs(),
          playedMs + beacon.playedMs(),
          droppedFrames + beacon.droppedFrames(),
          moves + beacon.moves());
    }
  }

  /**
   * Nothing was said yet.
   *
   * @param isHere whether a stream is live at this node
   */
  WatchedStreams(Predicate<String> isHere) {
    this.isHere = isHere;
  }

  /** Adds what a player said, if the stream is here and there is room. */
  void add(Beacon beacon) {
    if (!isHere.test(beacon.stream())) {
      return;
    }
    synchronized (streams) {
      if (streams.size() >= MOST && !streams.containsKey(beacon.stream())) {
        return;
      }
      streams.merge(beacon.stream(), Seen.NOTHING.and(beacon), (seen, one) -> seen.and(beacon));
    }
  }

  /** What was said of a stream, or null. */
  @Nullable Seen seen(String stream) {
    synchronized (streams) {
      return streams.get(stream);
    }
  }

  /** A stream is over, or another of its name begins: what was said of it goes. */
  void forget(String stream) {
    synchronized (streams) {
      streams.remove(stream);
    }
  }

  private static long mean(long before, long told) {
    if (told < 0 || before < 0) {
      return Math.max(before, told);
    }
    return Math.round(before + NEW_COUNTS * (told - before));
  }
}
