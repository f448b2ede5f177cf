package dev.sluice.balancer.geo;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** Meters of finding out where clients are. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are unmodifiable
public enum GeoMeters implements MeterDoc {
  /** By what said so. */
  LOCATIONS(
      "sluice_geo_locations_total",
      MeterType.COUNTER,
      "",
      List.of("source"),
      "Clients located, by what told their region."),
  /** Since its maker built it. */
  DATABASE_AGE(
      "sluice_geo_database_age_seconds",
      MeterType.GAUGE,
      "seconds",
      List.of(),
      "Time since the geo database in use was built; NaN without one."),
  /** Lookups that the database could not answer, though it passed when it was loaded. */
  LOOKUPS_FAILED(
      "sluice_geo_lookups_failed_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Lookups in the geo database that failed; those clients go to the default region."),
  /** Loads of the database file. */
  DATABASE_LOADS(
      "sluice_geo_database_loads_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Loads of the geo database file; a failed one (unreadable, damaged, older) keeps the"
          + " database in use.");

  private final String meterName;
  private final MeterType type;
  private final String unit;
  private final List<String> tags;
  private final String help;

  GeoMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
