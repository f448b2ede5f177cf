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
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bare limit: sends the synthetic stream as FLV to all that connect, one shared buffer per
 * batch and one write per viewer, without protocol, cache or accounting. What a real server costs
 * above this is its own.
 *
 * <p>A viewer whose socket is full misses the batch. Each new viewer gets the sequence headers and
 * the last keyframe.
 *
 * <p>Threading: one event loop does all; {@link #close} from any thread.
 */
public final class BareSender implements AutoCloseable {
  private static final int BACKLOG = 4096;
  private static final int TAG_HEADER = 11;
  private static final byte[] HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FLV_HEADER = {'F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0};

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final SyntheticStream stream;
  private final List<Channel> viewers = new ArrayList<>();
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
                    channel.pipeline().addLast(new Join());
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
    ByteBuf batch = Unpooled.directBuffer();
    while (next.timestampMs <= nowMs) {
      write(batch, next);
      next = stream.next();
      if (perFrame) {
        send(batch);
        batch.clear();
      }
    }
    send(batch);
    batch.release();
  }

  private void write(ByteBuf batch, Frame frame) {
    long dueNanos = startNanos + frame.timestampMs * 1_000_000; // waiting for the batch counts
    if (frame.stamp(dueNanos, videoFrames)) {
      videoFrames++;
      keyframe = frame.body[0] == 0x17 ? frame : keyframe;
    }
    writeTag(batch, frame);
  }

  private void send(ByteBuf batch) {
    if (!batch.isReadable()) {
      return;
    }
    ByteBuf bytes = batch.copy(); // the kernel may take it later than the next batch is made
    for (Channel viewer : viewers) {
      if (viewer.isWritable()) {
        viewer.writeAndFlush(bytes.retainedDuplicate(), viewer.voidPromise());
      }
    }
    bytes.release();
  }

  private static void writeTag(ByteBuf out, Frame frame) {
    int length = frame.body.length;
    out.writeByte(frame.type).writeMedium(length);
    out.writeMedium((int) frame.timestampMs).writeByte((int) (frame.timestampMs >> 24));
    out.writeMedium(0).writeBytes(frame.body).writeInt(TAG_HEADER + length);
  }

  private final class Join extends SimpleChannelInboundHandler<ByteBuf> {
    private boolean joined;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf request) {
      if (joined) {
        return;
      }
      joined = true;
      ByteBuf hello = ctx.alloc().buffer().writeBytes(HEAD).writeBytes(FLV_HEADER);
      stream.headers().forEach(header -> writeTag(hello, header));
      Frame first = keyframe;
      if (first != null) {
        writeTag(hello, first);
      }
      ctx.writeAndFlush(hello, ctx.voidPromise());
      viewers.add(ctx.channel());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      viewers.remove(ctx.channel());
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
    group.next().submit(() -> List.copyOf(viewers).forEach(Channel::close)).syncUninterruptibly();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
