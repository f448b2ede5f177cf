package dev.sluice.chassis.http;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.ListenException;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An HTTP/1.1 server (RFC 9110, 9112): keep-alive, pipelining, streaming in both directions.
 *
 * <p>A pipeline has two handlers, Netty's request decoder and {@link HttpConnection}; answers are
 * written without an encoder. Deadlines are watched by one task per event loop.
 */
public final class HttpServer implements Service {
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);
  private static final long LONGEST_SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long DRAIN_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final HttpConfig config;
  private final EventLoops loops;
  private final HttpServing serving;
  private final LoopSweeps sweeps;
  private final HttpLimits limits;
  private final List<Channel> listening = new ArrayList<>();
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  /**
   * A server that does not listen yet.
   *
   * @param trustedProxies whose word on the client's address and request id is taken
   * @param routes complete: later additions are not seen by the meters
   * @param name the value of the meters' tag {@code server}
   */
  public HttpServer(
      HttpConfig config,
      List<Cidr> trustedProxies,
      EventLoops loops,
      Routes routes,
      Meters meters,
      String name) {
    this(config, trustedProxies, loops, routes, meters, name, HttpLimits.defaults());
  }

  /** The same with limits of its own. */
  public HttpServer(
      HttpConfig config,
      List<Cidr> trustedProxies,
      EventLoops loops,
      Routes routes,
      Meters meters,
      String name,
      HttpLimits limits) {
    this.config = config;
    this.loops = loops;
    this.limits = limits;
    this.sweeps = new LoopSweeps(loops);
    this.serving =
        new HttpServing(
            name, routes, trustedProxies, limits, config.idleTimeout().toNanos(), meters, sweeps);
  }

  @Override
  public void start() {
    List<InetSocketAddress> addresses = new ArrayList<>();
    addresses.add(new InetSocketAddress(config.bind(), config.port()));
    for (HostPort more : config.also()) {
      addresses.add(new InetSocketAddress(more.host(), more.port()));
    }
    try {
      for (InetSocketAddress address : addresses) {
        listening.add(
            EventLoops.bound(
                loops
                    .server()
                    .childOption(io.netty.channel.ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                    .childHandler(new Accept())
                    .bind(address),
                address));
      }
    } catch (ListenException e) {
      String setting = listening.isEmpty() ? "http.port" : "http.also";
      close();
      throw e.with(setting);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    sweeps.start(sweepNanos());
  }

  private long sweepNanos() {
    long shortest =
        Math.min(
            config.idleTimeout().toNanos(),
            Math.min(limits.headTimeout().toNanos(), limits.stallTimeout().toNanos()));
    return Math.min(LONGEST_SWEEP_NANOS, Math.max(1_000_000, shortest / 4));
  }

  private final class Accept extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      if (!serving.admit()) {
        channel.writeAndFlush(Refusal.bytes(channel.alloc())).addListener(done -> channel.close());
        return;
      }
      open.add(channel);
      RequestDecoder decoder =
          new RequestDecoder(limits.maxUriBytes(), config.maxHeaderBytes().toIntExact());
      long id = ThreadLocalRandom.current().nextLong();
      HttpConnection connection = new HttpConnection(serving, decoder, channel, id);
      channel.pipeline().addLast(decoder, connection);
      serving.arrived(connection);
    }
  }

  /** Where this listens: the first address, with the port that was taken. */
  public InetSocketAddress address() {
    if (listening.isEmpty()) {
      throw new IllegalStateException("not started");
    }
    return (InetSocketAddress) listening.getFirst().localAddress();
  }

  /** Connections open now, detached ones included. */
  public int connections() {
    return serving.connections();
  }

  /** Bytes sent since the start, detached streams excluded. */
  public long sentBytes() {
    return serving.sentBytes();
  }

  /** Stops accepting, lets answers under way end, closes idle connections. */
  @Override
  public void drain(Duration limit) {
    serving.drain();
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    long deadline = System.nanoTime() + limit.toNanos();
    while (serving.connections() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(DRAIN_POLL_NANOS);
    }
  }

  @Override
  public void close() {
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    open.forEach(c -> c.pipeline().fireUserEventTriggered(DetachedEvent.SERVER_CLOSES));
    open.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    sweeps.close();
  }
}
