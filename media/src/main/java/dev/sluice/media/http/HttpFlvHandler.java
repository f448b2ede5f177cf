package dev.sluice.media.http;

import dev.sluice.chassis.http.BareConnection;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.WebSocketHandshake;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.fanout.ViewerEvents;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Live streams as one endless FLV file: {@code GET /live/NAME.flv}, over HTTP or, when the request
 * asks for the upgrade, over WebSocket. Whoever asks for a stream that is not there waits as the
 * hub waits, then gets 404.
 *
 * <p>HEAD is answered as GET would be at this moment, so it too makes an edge look for a stream
 * that it does not have: a player that asks first must not be told that there is none.
 *
 * <p>Threading: confined to the request's event loop.
 */
public final class HttpFlvHandler implements HttpHandler {
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
      return;
    }
    BareConnection connection = exchange.bare();
    if (connection == null) {
      exchange.askForHttp1();
    } else if (exchange.headOnly()) {
      new Question(exchange, connection, key).ask(hub);
    } else if (WebSocketHandshake.wanted(exchange)) {
      Problem fault = WebSocketHandshake.fault(connection);
      if (fault == null) {
        play(exchange, key, new WebSocketDelivery(exchange, connection));
      } else {
        exchange.problem(fault);
      }
    } else {
      play(exchange, key, new HttpDelivery(exchange, connection));
    }
  }

  private void play(HttpExchange exchange, StreamKey key, FlvDelivery delivery) {
    new FlvSession(key, delivery, exchange.client()).subscribe(hub);
  }

  private static @Nullable StreamKey key(String path) {
    if (!path.endsWith(SUFFIX)) {
      return null;
    }
    int from = path.startsWith("/") ? 1 : 0;
    return StreamKey.parse(path.substring(from, path.length() - SUFFIX.length()));
  }

  /** Someone who only asks whether the stream is there, and leaves when told. */
  private static final class Question implements ViewerEvents {
    private final StreamKey key;
    private final HttpDelivery answer;
    private final InetAddress remote;
    private final Viewer viewer;
    private final ChannelFutureListener lost;

    Question(HttpExchange exchange, BareConnection connection, StreamKey key) {
      this.key = key;
      this.answer = new HttpDelivery(exchange, connection);
      this.remote = exchange.client();
      this.viewer = new Viewer(connection.channel(), answer.format(), this);
      this.lost = closed -> viewer.leave();
    }

    void ask(LiveHub hub) {
      answer.channel().closeFuture().addListener(lost);
      hub.subscribe(key, viewer);
    }

    @Override
    public InetAddress viewerAddress(Channel channel) {
      return remote;
    }

    @Override
    public void onStart() {
      viewer.leave();
      answer.headOnly();
    }

    @Override
    public void onEnd(EndReason reason) {
      answer.channel().closeFuture().removeListener(lost);
      answer.refuse(FlvSession.refusal(key, reason));
    }
  }
}
