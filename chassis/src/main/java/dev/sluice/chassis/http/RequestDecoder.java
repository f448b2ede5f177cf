package dev.sluice.chassis.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/** Netty's request decoder, which also tells when a head began and refuses ambiguous lengths. */
final class RequestDecoder extends HttpRequestDecoder {
  private static final int BODY_PIECE_BYTES = 64 * 1024;
  private boolean betweenRequests = true;
  private boolean inHead;

  RequestDecoder(int maxUriBytes, int maxHeaderBytes) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxUriBytes)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(BODY_PIECE_BYTES));
  }

  /** True while a head has begun to arrive and is not complete. */
  boolean inHead() {
    return inHead;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    int before = out.size();
    if (betweenRequests && in.isReadable()) {
      betweenRequests = false;
      inHead = true;
    }
    super.decode(ctx, in, out);
    for (int i = before; i < out.size(); i++) {
      Object message = out.get(i);
      if (message instanceof HttpRequest) {
        inHead = false;
      }
      if (message instanceof LastHttpContent) {
        betweenRequests = true;
      }
    }
  }

  /** Both length headers at once is how requests are smuggled (RFC 9112 section 6.1). */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }
}
