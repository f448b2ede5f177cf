package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The answers to requests for HLS and their headers. Each is given on the request's loop. */
final class HlsAnswers {
  private static final String PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
  private static final String MEDIA_TYPE = "video/mp4";
  private static final String TS_TYPE = "video/mp2t";
  private static final String FOREVER = "public, max-age=31536000, immutable";
  private static final String A_MINUTE = "public, max-age=60";

  private HlsAnswers() {}

  /** Whether a client takes gzip. */
  static boolean takesGzip(HttpExchange exchange) {
    String given = exchange.header("Accept-Encoding");
    if (given == null) {
      return false;
    }
    for (String each : given.toLowerCase(Locale.ROOT).split(",", 16)) {
      String coding = each.strip();
      if (coding.equals("gzip")) {
        return true;
      } else if (coding.startsWith("gzip")) {
        return !coding.replace(" ", "").matches("gzip;q=0(\\.0*)?");
      }
    }
    return false;
  }

  /**
   * A playlist.
   *
   * @param asked whether the request said which state it wants: such an answer may be shared
   */
  static void playlist(HttpExchange exchange, byte[] body, boolean gzip, boolean asked) {
    exchange.respond(
        HttpResponseStatus.OK,
        headers -> {
          headers.set("Content-Type", PLAYLIST_TYPE);
          headers.set("Cache-Control", asked ? "public, max-age=1" : "no-cache");
          headers.set("Vary", "Accept-Encoding");
          if (gzip) {
            headers.set("Content-Encoding", "gzip");
          }
          timing(headers);
        },
        body);
  }

  private static void timing(HttpHeaders headers) {
    headers.set("Timing-Allow-Origin", "*");
  }

  /** A segment, part or initialization, whose name never means anything else. Takes ownership. */
  static void media(HttpExchange exchange, ByteBuf bytes, HlsPath path) {
    boolean part = path instanceof HlsPath.Part;
    Consumer<HttpHeaders> head =
        headers -> {
          headers.set("Content-Type", path instanceof HlsPath.Ts ? TS_TYPE : MEDIA_TYPE);
          headers.set("Cache-Control", part ? A_MINUTE : FOREVER);
          timing(headers);
        };
    int size = bytes.readableBytes();
    if (size <= MediaBody.PIECE_BYTES) {
      exchange.respond(HttpResponseStatus.OK, head, bytes);
    } else {
      MediaBody.send(exchange.begin(HttpResponseStatus.OK.code(), head, size), bytes);
    }
  }

  static Problem badRequest(String why) {
    return Problem.badRequest("bad-playlist-request", why).with("Cache-Control", "no-store");
  }

  /** That a stream cannot be had in the form that was asked for. */
  static Problem notCarried(String why) {
    return Problem.of(406, "not-in-this-container", "Not in this container", why)
        .with("Cache-Control", "max-age=1");
  }

  /** That a stream is not there, or not now. */
  static Problem absent(StreamKey key, @Nullable EndReason reason) {
    if (reason == null || reason == EndReason.NOT_FOUND || reason.forViewers().endsStream()) {
      return Problem.notFound("There is no stream " + key + " at present.")
          .with("Cache-Control", "max-age=1");
    }
    return unavailable("The stream " + key + " is not available now: " + reason.word() + ".");
  }

  static Problem full() {
    return unavailable("Too many streams are asked for here already.");
  }

  static Problem late(StreamKey key) {
    return unavailable("Nothing came of the stream " + key + " in time.");
  }

  static Problem crowded(StreamKey key) {
    return unavailable("Too many requests wait for the stream " + key + " already.");
  }

  private static Problem unavailable(String why) {
    return Problem.of(503, "stream-unavailable", "Stream unavailable", why)
        .with("Retry-After", "1")
        .with("Cache-Control", "no-store");
  }

  static Problem noMedia() {
    return Problem.notFound("This part of a stream is not there, or not any more.")
        .with("Cache-Control", "max-age=1");
  }
}
