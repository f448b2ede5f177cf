package dev.sluice.chassis.http.server;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** What every HTTP server measures. */
public enum HttpMeters implements MeterDoc {
  REQUESTS(
      "sluice_http_requests_total",
      MeterType.COUNTER,
      "",
      List.of("server", "method", "status", "route"),
      "Requests answered, by method, class of status and route pattern."),
  BYTES_OUT(
      "sluice_http_sent_bytes_total",
      MeterType.COUNTER,
      "bytes",
      List.of("server"),
      "Bytes of answers handed to the kernel, heads included, detached streams excluded."),
  CONNECTIONS(
      "sluice_http_connections",
      MeterType.GAUGE,
      "",
      List.of("server"),
      "Connections open, detached streams included."),
  HTTP2_CONNECTIONS(
      "sluice_http2_connections",
      MeterType.GAUGE,
      "",
      List.of("server"),
      "Connections open that speak HTTP/2."),
  ERRORS(
      "sluice_http_errors_total",
      MeterType.COUNTER,
      "",
      List.of("server", "reason"),
      "Connections or requests that ended in an error, by reason.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  private final String help;

  HttpMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
