package dev.sluice.media.live;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** The meters of the live engine. */
public enum LiveMeters implements MeterDoc {
  /** Streams now. */
  STREAMS("sluice_live_streams", MeterType.GAUGE, "", List.of(), "Live streams held now."),
  /** Publishers now. */
  PUBLISHERS(
      "sluice_live_publishers",
      MeterType.GAUGE,
      "",
      List.of("kind"),
      "Publications now: encoder (RTMP publish) or relay (pulled from upstream)."),
  /** Viewers now. */
  VIEWERS(
      "sluice_live_viewers",
      MeterType.GAUGE,
      "",
      List.of("protocol"),
      "Viewers now that found their stream: rtmp, flv (over HTTP) or ws (WebSocket)."),
  /** Joins. */
  JOINS(
      "sluice_live_joins_total",
      MeterType.COUNTER,
      "",
      List.of("protocol"),
      "Viewers that found their stream."),
  /** Refusals. */
  JOINS_REFUSED(
      "sluice_live_joins_refused_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Viewers that did not find their stream."),
  /** Bytes sent. */
  SENT(
      "sluice_live_sent_bytes_total",
      MeterType.COUNTER,
      "bytes",
      List.of("protocol"),
      "Media bytes handed to viewers' sockets."),
  /** Bytes received. */
  RECEIVED(
      "sluice_live_received_bytes_total",
      MeterType.COUNTER,
      "bytes",
      List.of("kind"),
      "Media bytes received from publishers (encoder) and upstreams (relay)."),
  /** Dropped frames. */
  DROPPED(
      "sluice_live_dropped_frames_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Frames left out for slow viewers: disposable, lag (video skipped to a keyframe), audio_only,"
          + " expired (no longer held)."),
  /** Viewers ended by the server. */
  DISCONNECTS(
      "sluice_live_disconnects_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Viewers ended by the server after they had started."),
  /** Media held. */
  MEDIA(
      "sluice_live_media_bytes",
      MeterType.GAUGE,
      "bytes",
      List.of(),
      "Media held for live streams, counted for each event loop and wire format that holds it."),
  /** Timelines cut down. */
  SHORTENED(
      "sluice_live_timelines_shortened_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Times that a stream's media was cut down since all streams together passed mediaBudget."),
  /** Flushes. */
  FLUSHES(
      "sluice_live_flushes_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Batches sent, one per stream and event loop, whatever the number of viewers."),
  /** Rests of publishers. */
  RESTS(
      "sluice_live_publisher_rests_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Times that a publisher was left unread until the next send was due, on an event loop that"
          + " gathers frames."),
  /** RTMP connections. */
  RTMP_CONNECTIONS(
      "sluice_rtmp_connections",
      MeterType.GAUGE,
      "",
      List.of(),
      "RTMP connections now, whatever they do."),
  /** RTMP errors. */
  RTMP_ERRORS(
      "sluice_rtmp_errors_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "RTMP connections closed by the server for a fault of the peer."),
  /** Refused publishers. */
  PUBLISH_REFUSED(
      "sluice_rtmp_publish_refused_total",
      MeterType.COUNTER,
      "",
      List.of("reason"),
      "Publishers that were refused."),
  /** Publishers over their limits. */
  PUBLISH_LIMITS(
      "sluice_rtmp_publish_limits_total",
      MeterType.COUNTER,
      "",
      List.of("limit", "action"),
      "Publishers that exceeded a limit: warned (a rate, at first) or disconnected."),
  /** Cue points. */
  CUE_POINTS(
      "sluice_live_cue_points_total",
      MeterType.COUNTER,
      "",
      List.of("result"),
      "Cue points of encoders (onCuePoint): listed in the HLS playlists, or why not: bad,"
          + " contradicts (what one of the same id said), too_many."),
  /** Publishers that came back. */
  TAKEOVERS(
      "sluice_live_takeovers_total",
      MeterType.COUNTER,
      "",
      List.of(),
      "Publishers that took over a stream from an older connection with the same key."),
  /** Renditions by how they stand. */
  RENDITIONS(
      "sluice_live_renditions",
      MeterType.GAUGE,
      "",
      List.of("standing"),
      "Streams that are not alone in their group of renditions: together with the others, apart"
          + " (listed by themselves; /api/streams says why), or checked, before it is known.");

  private final String meterName;
  private final MeterType type;
  private final String unit;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> tags;

  private final String help;

  LiveMeters(String meterName, MeterType type, String unit, List<String> tags, String help) {
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
