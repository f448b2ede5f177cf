package dev.sluice.media.http;

import dev.sluice.chassis.http.BareConnection;
import dev.sluice.chassis.http.DetachedEvent;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.WebSocketHandshake;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.stream.EndReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * FLV in the binary messages of a WebSocket (RFC 6455): the file header, then a message per tag.
 * The media comes framed from the shared log, so what is written here is control frames only, which
 * may go between any two messages.
 *
 * <p>A stream that is not there is refused before the upgrade, with the status that HTTP-FLV would
 * give. The end of the stream is a close frame; the connection goes when the viewer has answered
 * it, or after {@value FlvSession#CLOSE_WAIT_SECONDS} s. Pings are answered; they are sent only as
 * marks to who is behind, as the media itself shows within the stall timeout who lives.
 *
 * <p>What a viewer sends but control frames is read and forgotten, {@value #MAX_INBOUND_BYTES}
 * bytes a frame at most. While its own bytes do not leave, only its newest ping is remembered.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class WebSocketDelivery extends SimpleChannelInboundHandler<WebSocketFrame>
    implements FlvDelivery {
  static final int MAX_INBOUND_BYTES = 4096;

  private static final Logger log = LoggerFactory.getLogger(WebSocketDelivery.class);
  private static final int FIN_CLOSE = 0x88;
  private static final int FIN_PING = 0x89;
  private static final int FIN_PONG = 0x8A;
  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;
  private static final int PROTOCOL_ERROR = 1002;
  private static final int SERVICE_RESTART = 1012;
  private static final int TRY_AGAIN_LATER = 1013;
  private static final int NO_CODE = -1;
  private static final int LONGEST_REASON = 123;

  private final HttpExchange exchange;
  private final BareConnection connection;
  private @Nullable FlvSession session;
  private @Nullable ByteBuf owedPong;
  private int faultCode = PROTOCOL_ERROR;
  private String faultText = "";
  private boolean closing;

  /** Nothing is answered yet; the handshake must be without fault. */
  WebSocketDelivery(HttpExchange exchange, BareConnection connection) {
    this.exchange = exchange;
    this.connection = connection;
  }

  @Override
  public Channel channel() {
    return connection.channel();
  }

  @Override
  public WireFormat format() {
    return WireFormat.FLV_MESSAGES;
  }

  @Override
  public void begin(FlvSession of) {
    session = of;
    Channel channel = WebSocketHandshake.accept(connection);
    WebSocketDecoderConfig limits =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(MAX_INBOUND_BYTES)
            .expectMaskedFrames(true)
            .allowMaskMismatch(false)
            .allowExtensions(false)
            .withUTF8Validator(false)
            .closeOnProtocolViolation(false) // done here, as there is no encoder
            .build();
    channel.pipeline().addLast(new WebSocket13FrameDecoder(limits), this);
    channel.flush(); // media may be long in coming, and handshakes have deadlines
  }

  @Override
  public void refuse(Problem problem) {
    exchange.problem(problem);
  }

  @Override
  public boolean mark(int number) {
    if (closing) {
      return false;
    }
    ByteBuf ping = channel().alloc().buffer(2 + Integer.BYTES);
    ping.writeByte(FIN_PING).writeByte(Integer.BYTES).writeInt(number);
    channel().writeAndFlush(ping, channel().voidPromise());
    return true;
  }

  @Override
  public void end(EndReason reason) {
    switch (reason) {
      case VIEWER_STALLED -> channel().close(); // it would not read a close frame either
      case PROTOCOL_ERROR -> fail();
      case SHUTDOWN -> close(GOING_AWAY, reason.word());
      case CODEC_CHANGED, TRACKS_CHANGED -> close(SERVICE_RESTART, reason.word());
      case UPSTREAM_LOST, VIEWER_TOO_SLOW -> close(TRY_AGAIN_LATER, reason.word());
      case STOPPED,
          CONNECTION_LOST,
          REPLACED,
          PUBLISHER_IDLE,
          LIMIT_EXCEEDED,
          STREAM_ENDED,
          NOT_FOUND,
          UPSTREAM_REFUSED,
          COMMAND_TIMEOUT,
          KICKED ->
          close(NORMAL, reason.word());
    }
  }

  // ---- What the viewer sends

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
    if (frame instanceof CloseWebSocketFrame close) {
      closedByViewer(close.statusCode());
    } else if (frame instanceof PingWebSocketFrame && !closing) {
      pong(frame.content());
    } else if (frame instanceof PongWebSocketFrame && !closing) {
      answered(frame.content());
    }
  }

  /** Borrows the payload; any pong may come unasked. */
  private void answered(ByteBuf payload) {
    FlvSession of = session;
    if (of != null && payload.readableBytes() == Integer.BYTES) {
      of.answered(payload.getInt(payload.readerIndex()));
    }
  }

  private void closedByViewer(int code) {
    if (closing) {
      channel().close(); // it has answered
      return;
    }
    left(EndReason.STOPPED);
    closing = true;
    FlvSession.closeInTime(channel());
    channel().writeAndFlush(closeFrame(code, "")).addListener(ChannelFutureListener.CLOSE);
  }

  /** Borrows the payload. */
  private void pong(ByteBuf payload) {
    ByteBuf pong = channel().alloc().buffer(2 + payload.readableBytes());
    pong.writeByte(FIN_PONG).writeByte(payload.readableBytes()).writeBytes(payload);
    forgetPong();
    if (channel().isWritable()) {
      channel().writeAndFlush(pong, channel().voidPromise());
    } else {
      owedPong = pong;
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ByteBuf pong = owedPong;
    if (pong != null && !closing && channel().isWritable()) {
      owedPong = null;
      channel().writeAndFlush(pong, channel().voidPromise());
    }
    FlvSession of = session;
    if (of != null) {
      of.writable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException broken) {
      faultCode = broken.closeStatus().code();
      faultText = String.valueOf(broken.getMessage());
      FlvSession of = session;
      if (of != null && !closing) {
        of.fault();
        return;
      }
    } else if (!(cause instanceof IOException)) {
      log.error("ws-flv viewer failed remote={}", channel().remoteAddress(), cause);
    }
    ctx.close();
  }

  // ---- The end

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == DetachedEvent.SERVER_CLOSES) {
      left(EndReason.SHUTDOWN);
      if (!closing) {
        close(GOING_AWAY, EndReason.SHUTDOWN.word());
      }
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    forgetPong();
  }

  /** Says good-bye and waits for the viewer's answer. */
  private void close(int code, String text) {
    closing = true;
    FlvSession.closeInTime(channel());
    channel().writeAndFlush(closeFrame(code, text), channel().voidPromise());
  }

  /**
   * Says what was wrong; what comes after that cannot be understood, so no answer is waited for.
   */
  private void fail() {
    closing = true;
    FlvSession.closeInTime(channel());
    channel()
        .writeAndFlush(closeFrame(faultCode, faultText))
        .addListener(
            written -> {
              if (written.isSuccess() && channel() instanceof DuplexChannel duplex) {
                duplex.shutdownOutput(); // the viewer's end follows; closing now could cut this off
              } else {
                channel().close();
              }
            });
  }

  private void left(EndReason reason) {
    FlvSession of = session;
    if (of != null) {
      of.left(reason);
    }
  }

  private void forgetPong() {
    ByteBuf pong = owedPong;
    owedPong = null;
    if (pong != null) {
      pong.release();
    }
  }

  /** A close frame; an answer to one without a code has none either. */
  private ByteBuf closeFrame(int code, String reason) {
    String text = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
    int bytes = code == NO_CODE ? 0 : 2 + text.length();
    ByteBuf frame = channel().alloc().buffer(2 + bytes);
    frame.writeByte(FIN_CLOSE).writeByte(bytes);
    if (code != NO_CODE) {
      frame.writeShort(code);
      ByteBufUtil.writeAscii(frame, text);
    }
    return frame;
  }
}
