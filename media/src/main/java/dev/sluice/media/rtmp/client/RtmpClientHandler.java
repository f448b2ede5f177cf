package dev.sluice.media.rtmp.client;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.ClientEvents;
import dev.sluice.media.rtmp.Output;
import dev.sluice.media.rtmp.RtmpClientSession;
import dev.sluice.media.rtmp.RtmpException;
import dev.sluice.media.rtmp.RtmpLimits;
import dev.sluice.media.rtmp.SessionEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a pull or a push: bytes between socket and session, and the deadlines.
 *
 * <p>Threading: confined to its event loop.
 */
final class RtmpClientHandler extends ChannelInboundHandlerAdapter implements Output, ClientEvents {
  private static final long FAREWELL_MS = 5_000;

  /** How often in the longest time without media it is looked at whether the server takes any. */
  private static final int LOOKS = 8;

  private final RtmpUrl url;
  private final RtmpDeadlines deadlines;
  private final @Nullable ClientTls tls;
  private final RtmpClientSession.Mode mode;
  private final ClientListener listener;
  private final RtmpClientSession session;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Channel connecting;
  private @Nullable Future<?> deadline;
  private boolean reading;
  private boolean over;

  /** The handler of a connection that is not there until {@link #connect}. */
  RtmpClientHandler(
      RtmpUrl url,
      RtmpDeadlines deadlines,
      @Nullable ClientTls tls,
      RtmpClientSession.Mode mode,
      ClientListener listener) {
    if (url.secure() && tls == null) {
      throw new IllegalArgumentException("url: " + url + " (expected: one without TLS)");
    }
    this.url = url;
    this.deadlines = deadlines;
    this.tls = url.secure() ? tls : null;
    this.mode = mode;
    this.listener = listener;
    this.session = new RtmpClientSession(RtmpLimits.DEFAULT, this, this, url.target(), mode);
  }

  /**
   * Has the session wait before it asks; before {@link #connect}. How long it waits is the owner's
   * to bound: until {@link #proceed} the server owes nothing.
   */
  void hold() {
    session.hold();
  }

  /** Ends {@link #hold}. */
  void proceed() {
    if (!over) {
      session.proceed();
      flush();
    }
  }

  /** Connects. Called on the loop. A name is resolved on a thread that may wait. */
  void connect(EventLoops loops, EventLoop loop) {
    if (NetUtil.isValidIpV4Address(url.host()) || NetUtil.isValidIpV6Address(url.host())) {
      connectTo(loops, loop, new InetSocketAddress(url.host(), url.port()));
      return;
    }
    expect(loop, deadlines.connect(), "no address for " + url.host());
    Thread.startVirtualThread(
        () -> {
          InetSocketAddress found = new InetSocketAddress(url.host(), url.port());
          try {
            loop.execute(() -> connectTo(loops, loop, found));
          } catch (RejectedExecutionException e) {
            // The loop is shut down, and nobody waits for us any more.
          }
        });
  }

  private void connectTo(EventLoops loops, EventLoop loop, InetSocketAddress address) {
    cancelDeadline();
    if (over) {
      return;
    }
    if (address.isUnresolved()) {
      end(ClientEnd.Kind.CONNECT_FAILED, "unknown host " + url.host());
      return;
    }
    ChannelFuture future =
        loops
            .client()
            .clone(loop)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) deadlines.connect().toMillis())
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      tls.secure(channel, url.host(), url.port(), deadlines.ready());
                    }
                    channel.pipeline().addLast(RtmpClientHandler.this);
                  }
                })
            .connect(address);
    connecting = future.channel();
    future.addListener(
        done -> {
          if (!done.isSuccess()) {
            end(ClientEnd.Kind.CONNECT_FAILED, String.valueOf(done.cause().getMessage()));
          }
        });
  }

  /** The session, to send tags. */
  RtmpClientSession session() {
    return session;
  }

  /** Whether bytes can be written without queueing. */
  boolean writable() {
    ChannelHandlerContext ctx = context;
    return !over && ctx != null && ctx.channel().isWritable();
  }

  /** Sends what was written. */
  void flush() {
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.flush();
    }
  }

  /** Ends from this side; the listener is not told. */
  void stop() {
    end(true);
  }

  /** Breaks the connection without a word; the listener is not told. */
  void abort() {
    end(false);
  }

  private void end(boolean politely) {
    if (over) {
      return;
    }
    over = true;
    if (politely) {
      session.stop();
    }
    cancelDeadline();
    ChannelHandlerContext ctx = context;
    Channel channel = connecting;
    if (ctx != null && politely) {
      closeBehindFarewell(ctx);
    } else if (channel != null) {
      channel.close();
    }
  }

  /** Closes once everything written is sent, or the server has not taken it in time. */
  private static void closeBehindFarewell(ChannelHandlerContext ctx) {
    Future<?> late = ctx.executor().schedule(() -> ctx.close(), FAREWELL_MS, TimeUnit.MILLISECONDS);
    ctx.channel().closeFuture().addListener(closed -> late.cancel(false));
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    if (over) {
      ctx.close();
      return;
    }
    listener.onConnected(ctx.channel());
    expect(ctx.channel().eventLoop(), deadlines.command(), "no answer to connect");
    session.start(now(ctx));
    ctx.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    reading = true;
    try {
      if (!over) {
        session.receive(bytes, now(ctx));
      }
    } catch (RtmpException e) {
      end(ClientEnd.Kind.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!over && ctx.channel().isWritable()) {
      listener.onWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(ClientEnd.Kind.LOST, "connection closed");
    session.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(ClientEnd.Kind.LOST, String.valueOf(cause.getMessage()));
  }

  @Override
  public void send(ByteBuf bytes) {
    ChannelHandlerContext ctx = context;
    if (ctx == null || !ctx.channel().isActive()) {
      bytes.release();
      return;
    }
    ctx.write(bytes, ctx.voidPromise());
    if (!reading && !session.ready()) {
      ctx.flush();
    }
  }

  @Override
  public void onServer(String nodeId) {
    if (!over) {
      listener.onServer(nodeId);
    }
  }

  @Override
  public void onOpening() {
    ChannelHandlerContext ctx = context;
    if (over || ctx == null) {
      return;
    }
    cancelDeadline();
    if (session.asking()) {
      expect(ctx.channel().eventLoop(), deadlines.ready(), "no answer");
    }
    listener.onOpening();
  }

  @Override
  public void onReady() {
    cancelDeadline();
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      switch (mode) {
        case PLAY -> watchMedia();
        case PUBLISH -> watchTaken(ctx, new OutputStall(ctx.channel(), now(ctx)));
      }
    }
    listener.onReady();
  }

  @Override
  public void onTag(FlvTag tag) {
    if (!over) {
      listener.onTag(tag);
    }
  }

  @Override
  public void onEnd(SessionEnd end) {
    ClientEnd.Kind kind =
        switch (end.kind()) {
          case CONNECT_REFUSED, REFUSED -> ClientEnd.Kind.REFUSED;
          case UNAVAILABLE -> ClientEnd.Kind.UNAVAILABLE;
          case LOOP -> ClientEnd.Kind.LOOP;
          case NOT_FOUND -> ClientEnd.Kind.NOT_FOUND;
          case ENDED -> ClientEnd.Kind.ENDED;
        };
    String said = end.description().isEmpty() ? end.code() : end.description();
    end(new ClientEnd(kind, end.code(), said));
  }

  @Override
  public void onStatus(String level, String code, String description) {
    if (!over && level.equals("warning")) {
      listener.onWarning(description);
    }
  }

  private void watchMedia() {
    ChannelHandlerContext ctx = context;
    if (over || ctx == null) {
      return;
    }
    long limit = deadlines.media().toNanos();
    long left = limit - (now(ctx) - session.lastReceivedNanos());
    if (left <= 0) {
      end(ClientEnd.Kind.TIMEOUT, "no media in " + deadlines.media().toMillis() + " ms");
    } else {
      deadline = ctx.channel().eventLoop().schedule(this::watchMedia, left, TimeUnit.NANOSECONDS);
    }
  }

  private void watchTaken(ChannelHandlerContext ctx, OutputStall stall) {
    long limit = deadlines.media().toNanos();
    if (over) {
      return;
    }
    if (stall.nanos(now(ctx)) >= limit) {
      end(ClientEnd.Kind.TIMEOUT, "no media taken in " + deadlines.media().toMillis() + " ms");
    } else {
      Runnable look = () -> watchTaken(ctx, stall);
      deadline = ctx.executor().schedule(look, limit / LOOKS, TimeUnit.NANOSECONDS);
    }
  }

  /** The loop's clock, by which the deadlines run as well. */
  private static long now(ChannelHandlerContext ctx) {
    return ctx.channel().eventLoop().ticker().nanoTime();
  }

  private void expect(EventLoop loop, Duration limit, String otherwise) {
    long ms = limit.toMillis();
    Runnable tooLate = () -> end(ClientEnd.Kind.TIMEOUT, otherwise + " in " + ms + " ms");
    deadline = loop.schedule(tooLate, ms, TimeUnit.MILLISECONDS);
  }

  private void end(ClientEnd.Kind kind, String detail) {
    end(new ClientEnd(kind, "", detail));
  }

  private void end(ClientEnd how) {
    if (over) {
      return;
    }
    over = true;
    cancelDeadline();
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      ctx.close();
    }
    listener.onEnd(how);
  }

  private void cancelDeadline() {
    Future<?> running = deadline;
    if (running != null) {
      deadline = null;
      running.cancel(false);
    }
  }
}
