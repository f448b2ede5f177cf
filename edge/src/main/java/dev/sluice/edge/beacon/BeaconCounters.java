package dev.sluice.edge.beacon;

import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** The meters of beacons, by protocol. Any thread. */
final class BeaconCounters {
  private final Counter taken;
  private final Counter limited;
  private final Counter bad;
  private final Map<Beacon.Over, ByProtocol> protocols = new EnumMap<>(Beacon.Over.class);

  private record ByProtocol(
      Timer join,
      Timer latency,
      Counter stalls,
      Counter stalled,
      Counter played,
      Counter dropped,
      Counter moves) {}

  /** All 0. */
  BeaconCounters(Meters meters) {
    taken = meters.counter(BeaconMeters.BEACONS, "taken");
    limited = meters.counter(BeaconMeters.BEACONS, "limited");
    bad = meters.counter(BeaconMeters.BEACONS, "bad");
    for (Beacon.Over over : Beacon.Over.values()) {
      String word = over.word();
      protocols.put(
          over,
          new ByProtocol(
              meters.timer(BeaconMeters.JOIN, word),
              meters.timer(BeaconMeters.LATENCY, word),
              meters.counter(BeaconMeters.STALLS, word),
              meters.counter(BeaconMeters.STALLED, word),
              meters.counter(BeaconMeters.PLAYED, word),
              meters.counter(BeaconMeters.DROPPED, word),
              meters.counter(BeaconMeters.MOVES, word)));
    }
  }

  void limited() {
    limited.increment();
  }

  void bad() {
    bad.increment();
  }

  void take(Beacon beacon) {
    taken.increment();
    ByProtocol of = protocols.get(beacon.over());
    if (of == null) {
      throw new IllegalStateException("over: " + beacon.over() + " (expected: one with meters)");
    }
    if (beacon.joinMs() >= 0) {
      of.join().record(Duration.ofMillis(beacon.joinMs()));
    }
    if (beacon.latencyMs() >= 0) {
      of.latency().record(Duration.ofMillis(beacon.latencyMs()));
    }
    of.stalls().increment((double) beacon.stalls());
    of.stalled().increment(beacon.stalledMs() / 1000.0);
    of.played().increment(beacon.playedMs() / 1000.0);
    of.dropped().increment((double) beacon.droppedFrames());
    of.moves().increment((double) beacon.moves());
  }
}
