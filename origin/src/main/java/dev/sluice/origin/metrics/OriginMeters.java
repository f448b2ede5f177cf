package dev.sluice.origin.metrics;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** Every meter that the origin adds to those of the chassis and the live engine. */
public enum OriginMeters implements MeterDoc {
  UPLOADS(
      "sluice_origin_uploads_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Uploads ended, by result: created, replaced, or why refused."),
  UPLOADED(
      "sluice_origin_uploaded_bytes_total",
      MeterType.COUNTER,
      "bytes",
      List.of(),
      "Bytes of uploads that were stored."),
  DELETES(
      "sluice_origin_deletes_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Deletions asked for, by result: deleted, absent, or why refused."),
  HOOKS(
      "sluice_origin_hooks_total",
      MeterType.COUNTER,
      "",
      List.of("event", "result"),
      "Hooks by what came of them: publish allowed, refused or failed; unpublish told, failed or"
          + " dropped, since too many waited."),
  TRANSCODES(
      "sluice_origin_transcodes",
      MeterType.GAUGE,
      "",
      List.of(),
      "Processes that make renditions now."),
  TRANSCODE_EXITS(
      "sluice_origin_transcode_exits_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Processes that made a rendition and ended by themselves, or did not start."),
  STORED(
      "sluice_origin_store_bytes",
      MeterType.GAUGE,
      "bytes",
      List.of(),
      "Bytes of all stored files and of the uploads under way."),
  RECORDING(
      "sluice_origin_recordings",
      MeterType.GAUGE,
      "",
      List.of(),
      "Live streams being recorded now."),
  RECORDED(
      "sluice_origin_recorded_bytes_total",
      MeterType.COUNTER,
      "bytes",
      List.of(),
      "Bytes of live streams written to recordings."),
  RECORDINGS(
      "sluice_origin_recordings_ended_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Recordings ended, by result: published, repaired (left by a crash), empty or failed."),
  RECORDING_DROPS(
      "sluice_origin_recording_dropped_tags_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Tags left out of recordings because the disk was too slow or full."),
  RECORDING_FAULTS(
      "sluice_origin_recording_faults_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Times a recording was broken off by its disk, by reason: disk_full or disk_error."),
  RECORDINGS_REMOVED(
      "sluice_origin_recordings_removed_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Recordings removed, by reason: age (recording.keepFor) or size (recording.keepBytes).");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  private final String help;

  OriginMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
