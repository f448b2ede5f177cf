package dev.sluice.chassis.tls;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** What a server with a certificate measures. */
public enum TlsMeters implements MeterDoc {
  HANDSHAKES(
      "sluice_tls_handshakes_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "TLS handshakes: done, timeout, closed (by the peer), not_tls, or failed."),
  LOADS(
      "sluice_tls_certificate_loads_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Times that the certificate's files were read: loaded or failed (the one before is kept)."),
  EXPIRY(
      "sluice_tls_certificate_left_seconds",
      MeterType.GAUGE,
      "seconds",
      List.of(),
      "Time until the certificate expires.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  private final String help;

  TlsMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
