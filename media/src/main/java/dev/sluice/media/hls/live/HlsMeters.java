package dev.sluice.media.hls.live;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** The meters of HLS. */
public enum HlsMeters implements MeterDoc {
  /** Streams of which segments are made. */
  STREAMS(
      "sluice_hls_streams",
      MeterType.GAUGE,
      "",
      List.of(),
      "Streams of which segments are made now."),
  /** Viewers. */
  VIEWERS(
      "sluice_hls_viewers",
      MeterType.GAUGE,
      "",
      List.of(),
      "Viewers by HLS: sessions of tokens, or addresses and players, that asked for something within"
          + " three target durations."),
  /** Bytes kept. */
  MEMORY(
      "sluice_hls_media_bytes",
      MeterType.GAUGE,
      "bytes",
      List.of(),
      "Bytes of parts that are kept for viewers."),
  /** Parts. */
  PARTS(
      "sluice_hls_parts_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Parts of streams: made here, or missed because a tag was (an edge fetches those)."),
  /** Requests. */
  REQUESTS(
      "sluice_hls_requests_total",
      MeterType.COUNTER,
      "",
      List.of("kind", "result"),
      "Requests by what was asked for (multivariant, playlist, media) and what came of it: ok,"
          + " upstream (another server has it), archived (from disk), refused, late (nothing came"
          + " in time)."),
  /** Waiting requests. */
  WAITING(
      "sluice_hls_waiting",
      MeterType.GAUGE,
      "",
      List.of(),
      "Requests that wait for the next part now.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> tags;

  private final String help;

  HlsMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
