package dev.sluice.media.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Live streams over HTTP as one endless FLV file: {@code GET /live/NAME.flv}. Whoever asks for a
 * stream that is not there waits as the hub waits, then gets 404.
 *
 * <p>The body ends with the connection ({@code Connection: close}, no length). Chunked framing
 * would put bytes of each viewer's own between the shared ones, for nothing: the connection is used
 * up by the stream anyway.
 *
 * <p>Threading: confined to the request's event loop.
 */
public final class HttpFlvHandler implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(HttpFlvHandler.class);
  private static final String SUFFIX = ".flv";

  private final LiveHub hub;

  /** Serves what the hub has; the path without its suffix is the stream key. */
  public HttpFlvHandler(LiveHub hub) {
    this.hub = hub;
  }

  @Override
  public void handle(HttpExchange exchange) {
    StreamKey key = key(exchange.path());
    if (key == null) {
      exchange.problem(Problem.notFound("Live streams are at /live/NAME.flv."));
    } else if (exchange.headOnly()) {
      head(exchange, key);
    } else {
      new FlvViewer(exchange, key).subscribe(hub);
    }
  }

  private void head(HttpExchange exchange, StreamKey key) {
    if (hub.stream(key) == null) {
      exchange.problem(notFound(key));
    } else {
      exchange
          .detach(200, HttpFlvHandler::headers, false)
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  private static @Nullable StreamKey key(String path) {
    if (!path.endsWith(SUFFIX)) {
      return null;
    }
    int from = path.startsWith("/") ? 1 : 0;
    return StreamKey.parse(path.substring(from, path.length() - SUFFIX.length()));
  }

  private static void headers(HttpHeaders headers) {
    headers.set("content-type", "video/x-flv");
    headers.set("cache-control", "no-store");
    headers.set("connection", "close");
    headers.set("access-control-allow-origin", "*");
    headers.set("x-accel-buffering", "no");
  }

  private static Problem notFound(StreamKey key) {
    return Problem.notFound("There is no stream " + key + " at present.");
  }

  /** One viewer, from its request to the end of its connection. */
  private static final class FlvViewer extends ChannelInboundHandlerAdapter
      implements ViewerEvents {
    private final HttpExchange exchange;
    private final StreamKey key;
    private final Channel channel;
    private final Viewer viewer;
    private final String remote;
    private boolean started;
    private long startNanos;

    FlvViewer(HttpExchange exchange, StreamKey key) {
      this.exchange = exchange;
      this.key = key;
      this.channel = exchange.channel();
      this.viewer = new Viewer(channel, WireFormat.FLV, this);
      this.remote = exchange.client().getHostAddress();
    }

    void subscribe(LiveHub hub) {
      channel.closeFuture().addListener(closed -> left(EndReason.CONNECTION_LOST));
      hub.subscribe(key, viewer);
    }

    @Override
    public void onStart() {
      started = true;
      startNanos = System.nanoTime();
      log.info("play started stream={} remote={} protocol=flv", key, remote);
      exchange.detach(200, HttpFlvHandler::headers, false).pipeline().addLast(this);
    }

    @Override
    public void onEnd(EndReason reason) {
      if (!started) {
        log.info("play refused stream={} remote={} reason={}", key, remote, reason.word());
        exchange.problem(
            reason == EndReason.NOT_FOUND
                ? notFound(key)
                : Problem.of(
                    503,
                    "stream-unavailable",
                    "Stream unavailable",
                    "The stream " + key + " is not available now: " + reason.word() + "."));
        return;
      }
      logEnded(reason);
      if (reason == EndReason.VIEWER_STALLED) {
        channel.close();
      } else {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message); // a viewer has nothing more to say
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      viewer.writable();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof IOException)) {
        log.error("http-flv viewer failed remote={}", remote, cause);
      }
      ctx.close();
    }

    private void left(EndReason reason) {
      if (viewer.over()) {
        return;
      }
      viewer.leave();
      if (started) {
        logEnded(reason);
      }
    }

    private void logEnded(EndReason reason) {
      log.info(
          "play ended stream={} remote={} protocol=flv reason={} seconds={} bytes={} dropped={}",
          key,
          remote,
          reason.word(),
          (System.nanoTime() - startNanos) / 1_000_000_000,
          viewer.bytesSent(),
          viewer.framesDropped());
    }
  }
}
