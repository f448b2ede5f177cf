package dev.sluice.edge.live;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** The meters of the live relay. */
public enum RelayMeters implements MeterDoc {
  /** Streams pulled. */
  STREAMS(
      "sluice_relay_streams",
      MeterType.GAUGE,
      "",
      List.of(),
      "Streams pulled from origins now, being connected included."),
  /** Connections that gave media. */
  CONNECTS(
      "sluice_relay_connects_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Pulls that began to deliver a stream for the first time."),
  /** Connections after a loss. */
  RECONNECTS(
      "sluice_relay_reconnects_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Pulls that took up a stream again after the upstream was lost."),
  /** Ends of pulls. */
  PULL_ENDS(
      "sluice_relay_pull_ends_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Upstream connections that ended or could not be made, by reason."),
  /** Streams given up. */
  STREAM_ENDS(
      "sluice_relay_stream_ends_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Relayed streams that ended: stopped (no viewers), stream_ended, not_found, upstream_lost.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  private final String help;

  RelayMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
