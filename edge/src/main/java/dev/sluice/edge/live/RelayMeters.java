package dev.sluice.edge.live;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** The meters of the live relay. */
public enum RelayMeters implements MeterDoc {
  STREAMS(
      "sluice_relay_streams",
      MeterType.GAUGE,
      "",
      List.of(),
      "Streams pulled from origins now, being connected included."),
  CONNECTS(
      "sluice_relay_connects_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Pulls that began to deliver a stream for the first time."),
  RECONNECTS(
      "sluice_relay_reconnects_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Pulls that took up a stream again after the upstream was lost."),
  PULL_ENDS(
      "sluice_relay_pull_ends_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Upstream connections that ended or could not be made, by reason."),
  STREAM_ENDS(
      "sluice_relay_stream_ends_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Relayed streams that ended: stopped (no viewers), stream_ended, not_found, upstream_lost,"
          + " upstream_refused."),
  CHOICES(
      "sluice_relay_choices_total",
      MeterType.COUNTER,
      "",
      List.of("why"),
      "Upstreams that began to deliver a stream, by why they were chosen: only (of its tier), share"
          + " (the name fell to it among equals), nearest, healthiest, next (a better one did not"
          + " do), standby."),
  STANDBYS(
      "sluice_relay_standbys",
      MeterType.GAUGE,
      "",
      List.of(),
      "Streams with a second upstream connected or pulled."),
  SPLICES(
      "sluice_relay_splices_total",
      MeterType.COUNTER,
      "",
      List.of("clock"),
      "Streams that went on from another source: same (a keyframe was known, no frame was lost or"
          + " shown twice), unknown."),
  LOOPS(
      "sluice_relay_loops_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Requests of other edges that were refused, and upstreams that were not asked, because the"
          + " stream would have come back."),
  ABSENT(
      "sluice_relay_absent_names", MeterType.GAUGE, "", List.of(), "Names remembered as absent."),
  UPSTREAM_FAILURES(
      "sluice_relay_upstream_failures",
      MeterType.GAUGE,
      "",
      List.of("upstream"),
      "Attempts in a row that the upstream did not answer; 0 when it does."),
  UPSTREAM_RTT(
      "sluice_relay_upstream_rtt_seconds",
      MeterType.GAUGE,
      "seconds",
      List.of("upstream"),
      "Smoothed round trip to the upstream; 0 while unknown."),
  UPSTREAM_COST(
      "sluice_relay_upstream_cost_seconds",
      MeterType.GAUGE,
      "seconds",
      List.of("upstream"),
      "By which upstreams are compared: round trip plus what failures are expected to cost."),
  UPSTREAM_STREAMS(
      "sluice_relay_upstream_streams",
      MeterType.GAUGE,
      "",
      List.of("upstream"),
      "Streams that come from the upstream now.");

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
