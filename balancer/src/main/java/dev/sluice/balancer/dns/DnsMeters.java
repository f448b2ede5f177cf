package dev.sluice.balancer.dns;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** Meters of the name server. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are unmodifiable
public enum DnsMeters implements MeterDoc {
  /** Answers sent. */
  ANSWERS(
      "sluice_dns_answers_total",
      MeterType.COUNTER,
      "",
      List.of("transport", "rcode"),
      "DNS answers, by transport and response code."),
  /** Queries not answered. */
  DROPPED(
      "sluice_dns_dropped_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Datagrams and connections dropped without an answer, by reason."),
  /** Answers over the rate limit. */
  LIMITED(
      "sluice_dns_rate_limited_total",
      MeterType.COUNTER,
      "",
      List.of("action"),
      "UDP answers over a network's rate limit: dropped, or sent truncated."),
  /** TCP connections now. */
  CONNECTIONS(
      "sluice_dns_tcp_connections",
      MeterType.GAUGE,
      "",
      List.of(),
      "DNS connections over TCP now.");

  private final String meterName;
  private final MeterType type;
  private final String unit;
  private final List<String> tags;
  private final String help;

  DnsMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
