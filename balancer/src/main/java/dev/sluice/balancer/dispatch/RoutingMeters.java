package dev.sluice.balancer.dispatch;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** Meters of routing decisions. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are unmodifiable
public enum RoutingMeters implements MeterDoc {
  /** Viewers sent somewhere, or nowhere. */
  DECISIONS(
      "sluice_routing_decisions_total",
      MeterType.COUNTER,
      "",
      List.of("entrance", "outcome", "region"),
      "Decisions by what asked, how they came about and the chosen edge's region; other = one"
          + " that the configuration does not have."),
  /** Who watches by HLS and asked where to go on. */
  STEERED(
      "sluice_steering_answers_total",
      MeterType.COUNTER,
      "",
      List.of("move"),
      "Viewers that asked where to go on: stays, drained (its edge drains), gone (its edge is down"
          + " or out of reach), spread (its edge has too many viewers), new (named no edge that is"
          + " known).");

  private final String meterName;
  private final MeterType type;
  private final String unit;
  private final List<String> tags;
  private final String help;

  RoutingMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
