package dev.sluice.origin.dvr;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** The meters of the DVR window. */
public enum DvrMeters implements MeterDoc {
  /** On disk. */
  BYTES(
      "sluice_dvr_bytes",
      MeterType.GAUGE,
      "bytes",
      List.of(),
      "Bytes of segments on disk for viewers who go back."),
  /** Segments on disk. */
  SEGMENTS(
      "sluice_dvr_kept_segments",
      MeterType.GAUGE,
      "",
      List.of(),
      "Segments on disk for viewers who go back."),
  /** Waiting. */
  QUEUED(
      "sluice_dvr_queued_bytes",
      MeterType.GAUGE,
      "bytes",
      List.of(),
      "Bytes of segments that wait for the disk."),
  /** Whether the disk is left alone. */
  STOPPED(
      "sluice_dvr_stopped",
      MeterType.GAUGE,
      "",
      List.of(),
      "1 while segments are left out as the disk is full or failed; see /api/dvr."),
  /** What became of segments. */
  KEPT(
      "sluice_dvr_segments_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Segments written, or left out: disk_full, disk_error, stopped (the disk was left alone after"
          + " a fault), queue_full (the disk was too slow).");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> tags;

  private final String help;

  DvrMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
