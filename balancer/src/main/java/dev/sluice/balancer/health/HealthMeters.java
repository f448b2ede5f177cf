package dev.sluice.balancer.health;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** Meters of the health of nodes. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are unmodifiable
public enum HealthMeters implements MeterDoc {
  /** Nodes now. */
  NODES(
      "sluice_health_nodes",
      MeterType.GAUGE,
      "",
      List.of("role", "standing"),
      "Nodes heard of in the last day, by role and whether they may take viewers."),
  /** Edges named in spite of their probes. */
  MASS_FAILURE(
      "sluice_health_failed_together",
      MeterType.GAUGE,
      "",
      List.of(),
      "Edges that failed with so many others at once that they are named all the same; 0 in normal"
          + " times."),
  /** Addresses and URLs that do not answer. */
  DEAD_ENDPOINTS(
      "sluice_health_dead_endpoints",
      MeterType.GAUGE,
      "",
      List.of(),
      "URLs and addresses of nodes that are up which answer no probes; viewers are not sent there"
          + " while another answers."),
  /** Heartbeats over HTTP. */
  HEARTBEATS(
      "sluice_health_heartbeats_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Heartbeats that came over HTTP: taken, or why not."),
  /** Who waits for an operator. */
  PENDING(
      "sluice_health_pending_nodes",
      MeterType.GAUGE,
      "",
      List.of(),
      "Nodes that are heard and get no viewers until an operator approves them."),
  /** Clocks. */
  CLOCK_SKEW(
      "sluice_health_clock_skew_seconds",
      MeterType.GAUGE,
      "seconds",
      List.of(),
      "How far the clock of the node that is furthest off differs from this balancer's; /api/fleet"
          + " has it for each."),
  /** Transitions. */
  CHANGES(
      "sluice_health_changes_total",
      MeterType.COUNTER,
      "",
      List.of("to"),
      "Times a node's reachability changed, by what it became."),
  /** Probes and how long they took. */
  PROBES(
      "sluice_health_probe_seconds",
      MeterType.TIMER,
      "seconds",
      List.of("result"),
      "Probes of nodes and how long they took.");

  private final String meterName;
  private final MeterType type;
  private final String unit;
  private final List<String> tags;
  private final String help;

  HealthMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
