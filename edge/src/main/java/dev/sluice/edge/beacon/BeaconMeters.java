package dev.sluice.edge.beacon;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** What viewers' players say they saw, of the share that is asked to. */
public enum BeaconMeters implements MeterDoc {
  BEACONS(
      "sluice_viewer_beacons_total",
      MeterType.COUNTER,
      "",
      List.of("outcome"),
      "Beacons of players: taken, limited (too many from the address), bad (not understood)."),
  JOIN(
      "sluice_viewer_join_seconds",
      MeterType.TIMER,
      "seconds",
      List.of("protocol"),
      "From asking the balancer to the first picture, as players say."),
  LATENCY(
      "sluice_viewer_latency_seconds",
      MeterType.TIMER,
      "seconds",
      List.of("protocol"),
      "How far live pictures are behind the time at which they were published, as players say:"
          + " the median of each beacon."),
  STALLS(
      "sluice_viewer_stalls_total",
      MeterType.COUNTER,
      "",
      List.of("protocol"),
      "Times that the picture stood still for two seconds or more, as players say."),
  STALLED(
      "sluice_viewer_stalled_seconds_total",
      MeterType.COUNTER,
      "seconds",
      List.of("protocol"),
      "Time that pictures stood still so, as players say."),
  PLAYED(
      "sluice_viewer_played_seconds_total",
      MeterType.COUNTER,
      "seconds",
      List.of("protocol"),
      "Time played, as players say."),
  DROPPED(
      "sluice_viewer_dropped_frames_total",
      MeterType.COUNTER,
      "",
      List.of("protocol"),
      "Frames that viewers' machines were too slow to show, as players say."),
  MOVES(
      "sluice_viewer_moves_total",
      MeterType.COUNTER,
      "",
      List.of("protocol"),
      "Times that a player which had played went to another edge, as players say; counted at the"
          + " edge that it went to.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  private final String help;

  BeaconMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
    this.meterName = meterName;
    this.type = type;
    this.unit = unit;
    this.tags = tags;
    this.help = help;
  }

  @Override
  public String meterName() {
    return meterName;
  }

  @Override
  public MeterType type() {
    return type;
  }

  @Override
  public String unit() {
    return unit;
  }

  @Override
  public List<String> tags() {
    return tags;
  }

  @Override
  public String help() {
    return help;
  }
}
