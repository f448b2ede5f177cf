package dev.sluice.lab.hls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * A connection that stays open and on which one thing is asked for at a time, whichever version of
 * HTTP it speaks.
 *
 * <p>Threading: confined to its loop.
 */
abstract class Line extends ChannelInboundHandlerAdapter {
  private final boolean secure;
  private final Asker asker;
  private @Nullable Channel channel;
  private boolean closed;

  /** Who asks, told on the line's loop. */
  interface Asker {
    /** Something may be asked for. */
    void opened(Line line);

    /** Bytes came, heads and frames included, without those of TLS. */
    void received(int bytes);

    /** An answer is whole. */
    void answered(Reply reply);

    /** There will be no more. */
    void closed(String reason);
  }

  /**
   * An answer.
   *
   * @param bytes of its body
   * @param body empty where it was not to be kept
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Reply(int status, long bytes, byte[] body) {}

  /**
   * Not connected yet.
   *
   * @param secure whether a handshake of TLS comes first
   */
  Line(boolean secure, Asker asker) {
    this.secure = secure;
    this.asker = asker;
  }

  /** Asks for something; the answer to what was asked before has come. */
  abstract void ask(String target, boolean keepBody);

  /** What is said first. */
  void greet() {}

  /**
   * Takes bytes.
   *
   * @return an answer that is whole with them; what follows it is left
   * @throws IllegalArgumentException for what is no answer
   */
  abstract @Nullable Reply take(ByteBuf in);

  final void send(byte[] bytes) {
    Channel to = channel;
    if (to != null) {
      to.writeAndFlush(to.alloc().buffer(bytes.length).writeBytes(bytes), to.voidPromise());
    }
  }

  final void close() {
    closed = true;
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    if (!secure) {
      begin();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done) {
      if (done.isSuccess()) {
        begin();
      } else {
        end("TLS: " + done.cause().getMessage());
      }
    }
  }

  private void begin() {
    greet();
    asker.opened(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      asker.received(in.readableBytes());
      while (in.isReadable() && !closed) {
        Reply reply = take(in);
        if (reply != null) {
          asker.answered(reply);
        }
      }
    } catch (IllegalArgumentException e) {
      end(String.valueOf(e.getMessage()));
    } finally {
      in.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end("closed by the server");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(String.valueOf(cause.getMessage()));
  }

  private void end(String reason) {
    if (!closed) {
      close();
      asker.closed(reason);
    }
  }
}
