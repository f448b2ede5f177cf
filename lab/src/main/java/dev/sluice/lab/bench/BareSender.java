package dev.sluice.lab.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bare limit: sends the synthetic stream as FLV to all that connect, one shared buffer per
 * batch and one system call per viewer, made directly and not through the pipeline, without
 * protocol, cache or accounting. What a real server costs above this is its own.
 *
 * <p>A viewer whose socket is full gets the rest of the batch when there is room, and misses those
 * in between. Each new viewer gets the sequence headers and the last keyframe.
 *
 * <p>Threading: one event loop does all; {@link #close} from any thread.
 */
public final class BareSender implements AutoCloseable {
  private static final int BACKLOG = 4096;
  private static final int TAG_HEADER = 11;
  private static final int BATCH_BYTES = 64 * 1024;
  private static final byte[] HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FLV_HEADER = {'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0};

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final SyntheticStream stream;
  private final List<Line> viewers = new ArrayList<>();
  private final ByteBuf batch = Unpooled.directBuffer(BATCH_BYTES);
  private final long startNanos = System.nanoTime();
  private final Channel listener;
  private final ScheduledFuture<?> timer;
  private Frame next;
  private @Nullable Frame keyframe;
  private int videoFrames;

  /**
   * Listens and begins to send.
   *
   * @param interval between batches; zero or less: each frame by itself
   */
  public BareSender(InetSocketAddress bind, Duration interval, long bitsPerSecond) {
    stream = new SyntheticStream(bitsPerSecond);
    next = stream.next();
    boolean perFrame = interval.toNanos() <= 0;
    long periodNanos = perFrame ? 1_000_000 : interval.toNanos();
    listener =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Line());
                  }
                })
            .bind(bind)
            .syncUninterruptibly()
            .channel();
    timer =
        group
            .next()
            .scheduleAtFixedRate(
                () -> flush(perFrame), periodNanos, periodNanos, TimeUnit.NANOSECONDS);
  }

  /** Where viewers connect: any GET is answered with the stream. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  private void flush(boolean perFrame) {
    long nowMs = (System.nanoTime() - startNanos) / 1_000_000;
    batch.clear();
    while (next.timestampMs <= nowMs) {
      write(next);
      next = stream.next();
      if (perFrame) {
        send();
        batch.clear();
      }
    }
    send();
  }

  private void write(Frame frame) {
    long dueNanos = startNanos + frame.timestampMs * 1_000_000; // waiting for the batch counts
    if (frame.stamp(dueNanos, videoFrames)) {
      videoFrames++;
      keyframe = frame.body[0] == 0x17 ? frame : keyframe;
    }
    writeTag(batch, frame);
  }

  private void send() {
    if (!batch.isReadable()) {
      return;
    }
    for (Line viewer : viewers) {
      viewer.send(batch);
    }
  }

  private static void writeTag(ByteBuf out, Frame frame) {
    int length = frame.body.length;
    out.writeByte(frame.type).writeMedium(length);
    out.writeMedium((int) frame.timestampMs).writeByte((int) (frame.timestampMs >> 24));
    out.writeMedium(0).writeBytes(frame.body).writeInt(TAG_HEADER + length);
  }

  /** A viewer: its socket is written to directly while nothing waits in its channel. */
  private final class Line extends SimpleChannelInboundHandler<ByteBuf> {
    private @Nullable ChannelHandlerContext joined;
    private boolean waiting;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf request) {
      if (joined != null) {
        return;
      }
      joined = ctx;
      ByteBuf hello = ctx.alloc().buffer().writeBytes(HEAD).writeBytes(FLV_HEADER);
      stream.headers().forEach(header -> writeTag(hello, header));
      Frame first = keyframe;
      if (first != null) {
        writeTag(hello, first);
      }
      sendLater(ctx, hello);
      viewers.add(this);
    }

    void send(ByteBuf bytes) {
      ChannelHandlerContext ctx = joined;
      if (ctx == null || waiting) {
        return;
      }
      try {
        int sent =
            ((UnixChannel) ctx.channel())
                .fd()
                .writeAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
        if (sent < bytes.readableBytes()) {
          int rest = bytes.readableBytes() - sent;
          sendLater(ctx, bytes.copy(bytes.readerIndex() + sent, rest));
        }
      } catch (IOException e) {
        ctx.channel().eventLoop().execute(ctx::close); // not while the list is walked
      }
    }

    private void sendLater(ChannelHandlerContext ctx, ByteBuf bytes) {
      waiting = true;
      ctx.writeAndFlush(bytes).addListener(done -> waiting = false);
    }

    void close() {
      if (joined != null) {
        joined.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      viewers.remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  @Override
  public void close() {
    timer.cancel(false);
    listener.close().syncUninterruptibly();
    group.next().submit(this::closeAll).syncUninterruptibly();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void closeAll() {
    List.copyOf(viewers).forEach(Line::close);
    batch.release();
  }
}
