package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.Routes;
import dev.sluice.media.stream.StreamKey;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.function.UnaryOperator;

/**
 * Answers {@code GET /live/NAME/thumbnail.mp4} with the newest keyframe of a stream as a file of
 * one picture, which browsers and ffmpeg show; nothing is decoded. A request wants no stream: where
 * it is not live, the upstream is asked for the picture, by way of the cache.
 *
 * <p>Threading: each request on its own loop.
 */
public final class ThumbnailHandler {
  private static final String NAME = "/thumbnail.mp4";

  /** About as often as there is another keyframe. */
  static final String FRESH = "public, max-age=2";

  private final HlsStreams streams;

  /** Pictures of these streams. */
  public ThumbnailHandler(HlsStreams streams) {
    this.streams = streams;
  }

  /**
   * Adds the routes.
   *
   * @param guard what lets viewers in
   */
  public void add(Routes routes, UnaryOperator<HttpHandler> guard) {
    for (String root : HlsHandlers.ROOTS) {
      routes.get(root + "/{name}" + NAME, guard.apply(this::thumbnail));
    }
  }

  private void thumbnail(HttpExchange exchange) {
    StreamKey key = HlsHandlers.key(exchange);
    if (key == null) {
      exchange.problem(Problem.notFound("Pictures of live streams are at /live/NAME" + NAME));
      return;
    }
    byte[] picture = streams.thumbnail(key);
    HlsUpstream upstream = streams.context().upstream();
    if (picture != null) {
      exchange.respond(
          HttpResponseStatus.OK,
          headers -> {
            headers.set("Content-Type", "video/mp4");
            headers.set("Cache-Control", FRESH);
            headers.set("Timing-Allow-Origin", "*");
          },
          picture);
    } else if (upstream != null) {
      upstream.media(exchange, "/" + key + NAME);
    } else {
      exchange.problem(
          Problem.notFound("There is no picture of " + key + " at present.")
              .with("Cache-Control", "max-age=1"));
    }
  }
}
