package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.Trust;
import dev.sluice.chassis.metrics.Meters;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A server's end of an HTTP/2 connection and a raw client at the other, in the test's own time. */
final class Http2Talk implements AutoCloseable {
  static final HttpLimits LIMITS =
      new HttpLimits(
          1024,
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          100,
          256 * 1024);
  static final Duration IDLE = Duration.ofSeconds(45);
  static final int MAX_HEADER_BYTES = 4096;

  final PeerSocket socket = new PeerSocket();
  final RawHttp2 client = new RawHttp2();
  final Meters meters = new Meters();
  final HttpServing serving;
  final Http2Session session;
  private long now = System.nanoTime();

  /** A connection on which HTTP/2 is agreed on and nothing said. */
  Http2Talk(Routes routes) {
    LoopSweeps sweeps = new LoopSweeps(List.of(socket.eventLoop()));
    serving =
        new HttpServing(
            "h2", routes, new Trust(List.of(), List.of()), LIMITS, IDLE, meters, sweeps);
    HttpConnection before =
        new HttpConnection(serving, new RequestDecoder(1024, MAX_HEADER_BYTES), socket, 1);
    serving.admit();
    serving.arrived(before);
    session = Http2Session.begin(serving, before, 1, MAX_HEADER_BYTES);
  }

  /** The same, opened by its client. */
  static Http2Talk opened(Consumer<Routes> routes) {
    return opened(routes, new Http2Settings());
  }

  static Http2Talk opened(Consumer<Routes> routes, Http2Settings settings) {
    Routes all = new Routes();
    routes.accept(all);
    Http2Talk talk = new Http2Talk(all);
    talk.send(talk.client.opening(settings));
    return talk;
  }

  /** The client sends bytes, and what comes back is noted. */
  Http2Talk send(byte[] bytes) {
    if (socket.isOpen()) {
      socket.writeInbound(Unpooled.wrappedBuffer(bytes));
    }
    hear();
    return this;
  }

  Http2Talk send(RawHttp2.Write... frames) {
    return send(client.frames(frames));
  }

  void hear() {
    socket.runPendingTasks();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part; (part = socket.readOutbound()) != null; part.release()) {
      all.writeBytes(part);
    }
    client.take(all);
  }

  RawHttp2.Answer answer(int stream) {
    return client.answer(stream);
  }

  /** Asks in one frame; what was answered at once. */
  RawHttp2.Answer ask(int stream, String method, String path, String... more) {
    send(RawHttp2.request(stream, true, method, path, more));
    return answer(stream);
  }

  /** Lets the clock run and looks at the connection each second, as the sweep does. */
  void pass(Duration time) {
    for (long end = now + time.toNanos(); now < end; ) {
      now += TimeUnit.SECONDS.toNanos(1);
      if (socket.isOpen()) {
        session.sweep(now);
      }
      hear();
    }
  }

  double errors(String reason) {
    return meters.counter(HttpMeters.ERRORS, "h2", reason).count();
  }

  static void answer(HttpExchange exchange) {
    exchange.respond(200, "text/plain", "hello");
  }

  @Override
  public void close() {
    socket.peerReads = true;
    socket.finishAndReleaseAll();
    client.close();
    meters.close();
  }
}
