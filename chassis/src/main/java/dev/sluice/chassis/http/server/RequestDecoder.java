package dev.sluice.chassis.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
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
  private boolean lineBegins;
  private boolean folded;

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
    boolean head = inHead;
    int from = in.readerIndex();
    super.decode(ctx, in, out);
    if (head) {
      lookForFolds(in, from, in.readerIndex());
    }
    for (int i = before; i < out.size(); i++) {
      Object message = out.get(i);
      if (message instanceof HttpRequest request) {
        inHead = false;
        if (folded) {
          request.setDecoderResult(
              DecoderResult.failure(
                  new IllegalArgumentException("a header is folded over several lines")));
        }
        folded = false;
        lineBegins = false;
      }
      if (message instanceof LastHttpContent) {
        betweenRequests = true;
      }
    }
  }

  /**
   * A line that begins with space is the rest of the header before it for some and a header of its
   * own for others (RFC 9112 section 5.2); the decoder would join them without a word.
   */
  private void lookForFolds(ByteBuf in, int from, int to) {
    for (int i = from; i < to; i++) {
      byte at = in.getByte(i);
      folded |= lineBegins && (at == ' ' || at == '\t');
      lineBegins = at == '\n';
      if (!lineBegins) {
        int line = in.indexOf(i, to, (byte) '\n');
        i = line < 0 ? to : line - 1;
      }
    }
  }

  /** Both length headers at once is how requests are smuggled (RFC 9112 section 6.1). */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
  }
}
