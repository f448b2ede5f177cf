package dev.sluice.chassis.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.function.Consumer;

/**
 * The TCP connection below an exchange, for answers that are not HTTP's to frame: live media, whose
 * buffers all viewers share, and WebSocket. Only HTTP/1.1 has it; see {@link HttpExchange#bare}.
 *
 * <p>Threading: confined to the connection's event loop.
 */
public final class BareConnection {
  private final HttpExchange exchange;
  private final HttpStream.Bare connection;

  BareConnection(HttpExchange exchange, HttpStream.Bare connection) {
    this.exchange = exchange;
    this.connection = connection;
  }

  /** What to answer where there is none. */
  static Problem missing() {
    return Problem.of(
        505,
        "http-version",
        "HTTP version not supported",
        "Live streams are sent over HTTP/1.1 only; ask for this one without HTTP/2.");
  }

  /** The connection's channel, with HTTP still on it until {@link #detach}. */
  public Channel channel() {
    return connection.channel();
  }

  /**
   * True when a body without a length can come in chunks: HTTP/1.1, also to a client that asks for
   * the connection to be closed behind it.
   */
  public boolean takesChunks() {
    return connection.takesChunks();
  }

  boolean http10() {
    return connection.http10();
  }

  HttpExchange exchange() {
    return exchange;
  }

  /**
   * Writes a head (not flushed: flush with the first bytes), takes HTTP off the connection and
   * hands the bare channel over; its owner adds its own handlers. The end of the body is the end of
   * the connection, or, when {@code chunked} and the client speaks HTTP/1.1, the owner's last
   * chunk: the owner then frames chunks itself. See {@link DetachedEvent} for what it is told.
   */
  public Channel detach(int status, Consumer<HttpHeaders> headers, boolean chunked) {
    HttpHeaders all = new DefaultHttpHeaders();
    headers.accept(all);
    AnswerHeaders.complete(all, exchange);
    return connection.detach(HttpResponseStatus.valueOf(status), all, chunked);
  }
}
