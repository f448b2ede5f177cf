package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.RoutePattern;
import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.HlsNames;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.MultivariantPlaylist;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers from what is kept when a stream is over, and media that has left memory: at an origin
 * from its archive, elsewhere from an origin.
 *
 * <p>Threading: each request on its own loop. The texts are in a concurrent map for that.
 */
final class ArchivedAnswers {
  private static final int MOST_TEXTS = 64;

  private final HlsStreams streams;
  private final ConcurrentHashMap<String, Texts> texts = new ConcurrentHashMap<>();

  /** Bodies of a playlist, as long as it is the same. */
  private record Texts(MediaPlaylist of, PlaylistTexts bodies) {}

  ArchivedAnswers(HlsStreams streams) {
    this.streams = streams;
  }

  private void count(String kind, String result) {
    streams.context().meters().counter(HlsMeters.REQUESTS, kind, result).increment();
  }

  // ---- here

  /** Answers a request for anything of a stream that is not there; false when nothing is kept. */
  boolean answer(HttpExchange exchange, StreamKey key) {
    String file = exchange.pathParam("file");
    if (!file.isEmpty()) {
      HlsPath path = HlsPath.parse(exchange.pathParam("incarnation"), file);
      return path != null && media(exchange, key, path);
    }
    HlsArchive archive = streams.context().archive();
    HlsArchive.Ended ended = archive == null ? null : archive.ended(key, 0);
    if (ended == null) {
      return false;
    }
    if (isMedia(exchange)) {
      playlist(exchange, key, ended);
    } else {
      multivariant(exchange, key, ended);
    }
    return true;
  }

  /** Answers with media that has left memory; false when it is not kept. */
  boolean media(HttpExchange exchange, StreamKey key, HlsPath path) {
    HlsArchive archive = streams.context().archive();
    if (archive == null || !archive.answer(exchange, key, path)) {
      return false;
    }
    count("media", "archived");
    return true;
  }

  private void playlist(HttpExchange exchange, StreamKey key, HlsArchive.Ended ended) {
    MediaPlaylist of = ended.playlist();
    String name = key + "/" + of.incarnation();
    Texts made = texts.get(name);
    if (made == null || !made.of().equals(of)) {
      if (texts.size() >= MOST_TEXTS) {
        texts.clear();
      }
      made = new Texts(of, new PlaylistTexts(of, List::of));
      texts.put(name, made);
    }
    send(exchange, made.bodies());
  }

  private void send(HttpExchange exchange, PlaylistTexts bodies) {
    boolean gzip = HlsAnswers.takesGzip(exchange);
    count("playlist", "archived");
    HlsAnswers.playlist(exchange, bodies.body(container(exchange), false, gzip), gzip, true);
  }

  /** Whether the playlist of a stream itself is asked for; one may have any name. */
  private static boolean isMedia(HttpExchange exchange) {
    RoutePattern route = exchange.route();
    return route != null && route.text().endsWith("}/index.m3u8");
  }

  private static HlsContainer container(HttpExchange exchange) {
    boolean ts = HlsContainer.TS.query().endsWith("=" + exchange.query(HlsContainer.PARAMETER));
    return ts ? HlsContainer.TS : HlsContainer.MP4;
  }

  private void multivariant(HttpExchange exchange, StreamKey key, HlsArchive.Ended ended) {
    HlsVariant variant = ended.variant();
    String text =
        MultivariantPlaylist.text(
            new MultivariantPlaylist.Variant(
                key.name() + "/index.m3u8" + container(exchange).query(),
                variant.bandwidth(),
                variant.average(),
                variant.codecs(),
                variant.width(),
                variant.height(),
                variant.frameRate()));
    count("multivariant", "archived");
    HlsAnswers.playlist(exchange, text.getBytes(StandardCharsets.US_ASCII), false, true);
  }

  /** Answers with the playlist of one run, that goes on or is over; false when there is none. */
  boolean run(HttpExchange exchange, StreamKey key) {
    long incarnation = HlsNames.run(exchange.pathParam("run"));
    if (incarnation == 0) {
      return false;
    }
    HlsStream stream = streams.there(key);
    HlsState state = stream == null ? null : stream.state();
    if (state != null && state.playlist().incarnation() == incarnation) {
      streams.request(key); // whoever looks at it wants it
      send(exchange, state.texts());
      return true;
    }
    HlsArchive archive = streams.context().archive();
    HlsArchive.Ended ended = archive == null ? null : archive.ended(key, incarnation);
    if (ended != null) {
      playlist(exchange, key, ended);
      return true;
    }
    return upstream(
        exchange, "playlist", "/" + key + "/" + Long.toHexString(incarnation) + ".m3u8");
  }

  // ---- elsewhere

  /**
   * Asks an origin for a playlist of a stream that is over, as it may have kept it; false when
   * there is nobody to ask, or the stream is only lost.
   */
  boolean elsewhere(HttpExchange exchange, StreamKey key, @Nullable EndReason reason) {
    if (reason != null && reason != EndReason.NOT_FOUND && !reason.forViewers().endsStream()) {
      return false;
    }
    if (container(exchange) == HlsContainer.TS) {
      return false; // what is asked of an origin has no query
    }
    boolean media = isMedia(exchange);
    return upstream(
        exchange,
        media ? "playlist" : "multivariant",
        "/" + key + (media ? "/index.m3u8" : ".m3u8"));
  }

  private boolean upstream(HttpExchange exchange, String kind, String path) {
    HlsUpstream upstream = streams.context().upstream();
    if (upstream == null) {
      return false;
    }
    count(kind, "upstream");
    upstream.media(exchange, path);
    return true;
  }
}
