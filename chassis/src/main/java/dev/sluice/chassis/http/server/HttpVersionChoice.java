package dev.sluice.chassis.http.server;

import dev.sluice.chassis.tls.ServerTls;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Waits for the end of the TLS handshake, in which client and server agree on a version (ALPN, RFC
 * 7301). HTTP/1.1 is on the channel already; for HTTP/2 it is taken off.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class HttpVersionChoice extends ChannelInboundHandlerAdapter {
  private final HttpServing serving;
  private final RequestDecoder decoder;
  private final HttpConnection http1;
  private final long idNumber;
  private final int maxHeaderBytes;

  HttpVersionChoice(
      HttpServing serving,
      RequestDecoder decoder,
      HttpConnection http1,
      long idNumber,
      int maxHeaderBytes) {
    this.serving = serving;
    this.decoder = decoder;
    this.http1 = http1;
    this.idNumber = idNumber;
    this.maxHeaderBytes = maxHeaderBytes;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ChannelPipeline pipeline = ctx.pipeline();
    if (event instanceof SslHandshakeCompletionEvent) {
      if (ServerTls.agreedOnHttp2(ctx.channel())) {
        pipeline.remove(decoder);
        pipeline.remove(http1);
        Http2Session.begin(serving, http1, idNumber, maxHeaderBytes);
      }
      ctx.fireUserEventTriggered(event);
      pipeline.remove(this);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }
}
