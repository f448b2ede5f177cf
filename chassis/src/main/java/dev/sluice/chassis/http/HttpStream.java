package dev.sluice.chassis.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What carries one request and its answer: a turn of an HTTP/1.1 connection, or a stream of another
 * version. {@link HttpExchange} and {@link ResponseStream} stand on it and know nothing else of the
 * connection; they see to what is the same in all versions (headers that every answer has, no more
 * bytes than were announced, nothing after the end), this to the framing.
 *
 * <p>Threading: confined to {@link #loop}. Nothing here throws because the client has gone: what is
 * written then is released silently.
 */
public interface HttpStream {
  /** Where everything here is called. */
  EventLoop loop();

  /** The other end of the connection. */
  InetSocketAddress remote();

  /** This end of the connection; null when it is not known. */
  @Nullable SocketAddress local();

  /** Whether this connection itself has TLS. */
  boolean secure();

  /** False once the client has gone or the answer was cut off. */
  boolean connected();

  // ---- the request's body

  /** Starts the flow of the body; tells a client that waits to be told. */
  void receive(BodySink sink);

  /** No more of the body for now; what is on its way is kept. */
  void pause();

  /** The body may go on. */
  void resume();

  // ---- the answer

  /** True once an answer has begun, or none can begin any more. */
  boolean answered();

  /**
   * A whole answer, written and flushed. {@code Content-Length} is set here unless it is there;
   * none of the body is sent where the method or the status forbids one. Takes ownership.
   *
   * @throws IllegalStateException if an answer has begun
   */
  void respond(HttpResponseStatus status, HttpHeaders headers, ByteBuf body);

  /**
   * Begins an answer whose body comes bit by bit; the head leaves with the first bytes, or with
   * {@link #flush}.
   *
   * @param contentLength bytes of the body, or -1 when unknown
   * @param events told what happens to the answer until {@link #finish}
   * @return false when the client has gone: nothing may be written then
   * @throws IllegalStateException if an answer has begun
   */
  boolean begin(
      HttpResponseStatus status, HttpHeaders headers, long contentLength, AnswerEvents events);

  /** True while more may be written without piling up. */
  boolean isWritable();

  /** Writes and flushes bytes of the body, at least one; takes ownership. */
  void write(ByteBuf bytes);

  /**
   * Writes and flushes a part of a file; takes ownership. Only in an answer of known length, and
   * the next only after {@link AnswerEvents#regionSent}.
   */
  void write(FileRegion region);

  /** Sends what is not on its way yet. */
  void flush();

  /** The body is complete. */
  void finish();

  /** Gives the answer up half way, so that the client knows that it is not complete. */
  void abort(String reason);

  /** Counts an error by its reason; nothing else happens. */
  void count(String reason);

  /** The connection below, where it carries this answer alone: of HTTP/1.1. Else null. */
  @Nullable Bare bare();

  /**
   * Ends a request that needs the {@link #bare} connection where there is none, so that the client
   * asks again with HTTP/1.1; false where there is no word for that: then it has to be answered.
   */
  default boolean askForHttp1() {
    return false;
  }

  /** What an answer that comes bit by bit is told. */
  interface AnswerEvents {
    /** More may be written; never called from within a write. */
    void writable();

    /** The region has left, or could not be read. */
    void regionSent(boolean whole);

    /** The connection has gone before the end of the answer. */
    void closed();
  }

  /** A connection that can be taken out of HTTP's hands; see {@link BareConnection}. */
  interface Bare {
    /** The connection's channel. */
    Channel channel();

    /** True when the client speaks HTTP/1.0. */
    boolean http10();

    /** True when the client takes chunks, which is when it speaks HTTP/1.1. */
    boolean takesChunks();

    /** Writes a head, unflushed, and takes HTTP off the channel. */
    Channel detach(HttpResponseStatus status, HttpHeaders headers, boolean chunked);
  }
}
