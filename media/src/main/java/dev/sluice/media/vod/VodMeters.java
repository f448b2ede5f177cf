package dev.sluice.media.vod;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** Meters of stored files over RTMP. */
public enum VodMeters implements MeterDoc {
  /** Viewers now. */
  VIEWERS("sluice_vod_viewers", MeterType.GAUGE, "", List.of(), "Viewers of files over RTMP."),
  /** Bytes sent. */
  SENT(
      "sluice_vod_sent_bytes_total",
      MeterType.COUNTER,
      "bytes",
      List.of(),
      "Bytes of files sent over RTMP."),
  /** Plays ended by reason. */
  PLAYS(
      "sluice_vod_plays_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Plays of files over RTMP that ended, by reason: completed, stopped, stalled, idle or failed;"
          + " or were refused: not_found, not_flv or unavailable."),
  /** Seeks. */
  SEEKS(
      "sluice_vod_seeks_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Seeks in files over RTMP, starts in the middle not counted.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  private final String help;

  VodMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
