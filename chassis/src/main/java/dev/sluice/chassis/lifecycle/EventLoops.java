package dev.sluice.chassis.lifecycle;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of one process and their one transport: epoll, or NIO where the system has no
 * epoll. Several servers of one process may share it.
 *
 * <p>Threading: every method may be called from any thread; {@link #listen} and {@link #close}
 * block and must not be called from a loop.
 */
public final class EventLoops implements AutoCloseable {
  private static final int ACCEPT_BACKLOG = 4096;

  private final boolean epoll;
  private final MultiThreadIoEventLoopGroup group;
  private final List<EventLoop> loops;

  private EventLoops(int workers, boolean epoll) {
    this.epoll = epoll;
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.group =
        new MultiThreadIoEventLoopGroup(workers, new DefaultThreadFactory("loop", true), io);
    List<EventLoop> all = new ArrayList<>();
    for (EventExecutor executor : group) {
      all.add((EventLoop) executor);
    }
    this.loops = List.copyOf(all);
  }

  /**
   * Starts the loops (their threads start with the first work).
   *
   * @param workers number of loops; 0 = one per processor
   */
  public static EventLoops create(int workers) {
    int count = workers > 0 ? workers : Runtime.getRuntime().availableProcessors();
    return new EventLoops(count, Epoll.isAvailable());
  }

  /** Loops in turn. */
  public EventLoop next() {
    return group.next();
  }

  /** Every loop, always in the same order. */
  public Iterable<EventLoop> all() {
    return loops;
  }

  /** Number of loops. */
  public int size() {
    return loops.size();
  }

  /** A TCP server with group and channel type set, address reuse on and Nagle's delay off. */
  public ServerBootstrap server() {
    return new ServerBootstrap()
        .group(group)
        .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, ACCEPT_BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true);
  }

  /** A TCP client with group and channel type set and Nagle's delay off. */
  public Bootstrap client() {
    return new Bootstrap()
        .group(group)
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true);
  }

  /** A UDP socket with group and channel type set. */
  public Bootstrap datagram() {
    return new Bootstrap()
        .group(group)
        .channel(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class);
  }

  /**
   * Listens and returns the listening channel; blocks until it does.
   *
   * @param address port 0 = a free port, to be read from the channel's {@code localAddress()}
   * @param init run for each connection, on its loop
   * @throws ListenException with a sentence such as {@code port 1935 on 127.0.0.1 is in use}
   */
  public Channel listen(InetSocketAddress address, ChannelInitializer<? extends Channel> init) {
    return bound(server().childHandler(init).bind(address), address);
  }

  /**
   * Waits for a bind and turns its failure into a sentence; for bootstraps that {@link #listen}
   * does not fit, such as {@link #datagram}.
   *
   * @throws ListenException if the bind failed
   */
  public static Channel bound(ChannelFuture bind, InetSocketAddress address) {
    bind.awaitUninterruptibly();
    Throwable cause = bind.cause();
    if (cause != null) {
      throw new ListenException(sentence(address, cause), cause);
    }
    return bind.channel();
  }

  private static String sentence(InetSocketAddress address, Throwable cause) {
    String where = "port " + address.getPort() + " on " + address.getHostString();
    String said = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (said.contains("in use")) {
      return where + " is in use";
    }
    if (said.contains("permission denied")) {
      return where + " needs a privilege (CAP_NET_BIND_SERVICE, or a port from 1024 up)";
    }
    if (address.isUnresolved() || said.contains("assign requested address")) {
      return "no interface of this machine has the address " + address.getHostString();
    }
    return "cannot listen on " + where + ": " + cause.getMessage();
  }

  /** True on epoll, false on NIO. */
  public boolean epoll() {
    return epoll;
  }

  /** Closes every channel left and waits up to 5 s for the loops to end. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 3, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
