package dev.sluice.edge.live;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** The meters of publishers that an edge hands on. */
public enum ForwardMeters implements MeterDoc {
  PUBLISHERS(
      "sluice_forward_publishers",
      MeterType.GAUGE,
      "",
      List.of(),
      "Publishers handed on to an origin, or waiting for one, now."),
  CONNECTS(
      "sluice_forward_connects_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Origins that accepted a publisher for the first time."),
  RECONNECTS(
      "sluice_forward_reconnects_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Origins that accepted a publisher again, after a connection to one was lost."),
  PUSH_ENDS(
      "sluice_forward_push_ends_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Connections to origins that ended or could not be made, by reason."),
  BUFFERED(
      "sluice_forward_buffered_bytes",
      MeterType.GAUGE,
      "bytes",
      List.of(),
      "Media kept for origins: what is not sent, and the GOP that a next origin would need."),
  DROPPED(
      "sluice_forward_dropped_tags_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Tags left out because no origin took them in time.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  private final String help;

  ForwardMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
