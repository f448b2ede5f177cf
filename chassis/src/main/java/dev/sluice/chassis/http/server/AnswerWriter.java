package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.HttpNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;

/**
 * Writes the heads of a connection's answers, and bodies that are there as a whole; streams follow
 * by {@link Http1Stream}. Confined to the connection's loop.
 */
final class AnswerWriter {
  private static final AsciiString CONTINUE = AsciiString.cached("HTTP/1.1 100 Continue\r\n\r\n");
  private static final int INLINE_BODY_BYTES = 8 * 1024;

  private final Channel channel;
  private final HttpServing serving;

  /** Nothing is written yet. */
  AnswerWriter(Channel channel, HttpServing serving) {
    this.channel = channel;
    this.serving = serving;
  }

  /** True when the client speaks HTTP/1.0. */
  static boolean http10(HttpRequest request) {
    return request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
  }

  /** True when the body of the answer is to be left out. */
  static boolean headOnly(HttpRequest request) {
    return request.method().equals(HttpMethod.HEAD);
  }

  /** Tells the client to send the body that it announced. */
  void goOn() {
    channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE.array()));
  }

  /** Writes a head, unflushed. */
  void head(HttpRequest request, HttpResponseStatus code, HttpHeaders headers, boolean keepAlive) {
    channel.write(head(request, code, headers, keepAlive, 0), channel.voidPromise());
  }

  /**
   * Writes and flushes an answer; small bodies go in one buffer with the head. Takes ownership.
   *
   * @return bytes of the body that were sent: none where the method or the status forbids one
   */
  long whole(
      HttpRequest request,
      HttpResponseStatus code,
      HttpHeaders headers,
      boolean keepAlive,
      ByteBuf bytes) {
    boolean bodyless = code.code() == 304 || code.code() == 204;
    if (!bodyless && !headers.contains(HttpNames.CONTENT_LENGTH)) {
      headers.set(HttpNames.CONTENT_LENGTH, Integer.toString(bytes.readableBytes()));
    }
    int size = headOnly(request) || bodyless ? 0 : bytes.readableBytes();
    boolean inline = size <= INLINE_BODY_BYTES;
    ByteBuf out = head(request, code, headers, keepAlive, inline ? size : 0);
    if (inline) {
      channel.write(out.writeBytes(bytes, bytes.readerIndex(), size), channel.voidPromise());
      bytes.release();
    } else {
      channel.write(out, channel.voidPromise());
      channel.write(bytes, channel.voidPromise());
    }
    serving.sent(size);
    channel.flush();
    return size;
  }

  private ByteBuf head(
      HttpRequest request,
      HttpResponseStatus code,
      HttpHeaders headers,
      boolean keepAlive,
      int roomForBody) {
    if (!keepAlive) {
      headers.add(HttpNames.CONNECTION, HttpNames.CLOSE);
    } else if (http10(request)) {
      headers.set(HttpNames.CONNECTION, HttpNames.KEEP_ALIVE);
    }
    ByteBuf out = ResponseHead.write(channel.alloc(), code, headers, roomForBody);
    serving.sent(out.readableBytes());
    return out;
  }
}
