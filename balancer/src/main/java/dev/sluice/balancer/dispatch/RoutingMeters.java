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
          + " that the configuration does not have.");

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
