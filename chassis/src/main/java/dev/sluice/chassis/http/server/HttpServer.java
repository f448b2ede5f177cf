package dev.sluice.chassis.http.server;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.DetachedEvent;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.Trust;
import dev.sluice.chassis.lifecycle.AddressBudget;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.ListenException;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
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
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server (RFC 9110): HTTP/1.1 (RFC 9112) with keep-alive, pipelining and streaming in both
 * directions, and with TLS HTTP/2 (RFC 9113) for clients that want it.
 *
 * <p>A pipeline has two handlers: for HTTP/1.1 Netty's request decoder and {@link HttpConnection},
 * whose answers are written without an encoder; for HTTP/2 {@link FrameWatch} and Netty's codec in
 * {@link Http2Handler}. Deadlines are watched by one task per event loop.
 */
public final class HttpServer implements Service {
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);
  private static final long LONGEST_SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long DRAIN_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final HttpConfig config;
  private final EventLoops loops;
  private final HttpServing serving;
  private final Routes routes;
  private final LoopSweeps sweeps;
  private final HttpLimits limits;
  private final AddressBudget budget;
  private final List<Channel> listening = new ArrayList<>();
  private List<InetSocketAddress> secureAddresses = List.of();
  private @Nullable ServerTls tls;
  private boolean http2;
  private @Nullable Channel secureChannel;
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
    this.budget = new AddressBudget(config.maxConnectionsPerAddress());
    this.sweeps = new LoopSweeps(loops.all());
    this.serving =
        new HttpServing(
            name,
            routes,
            new Trust(trustedProxies, config.names()),
            limits,
            config.idleTimeout(),
            meters,
            sweeps);
    this.routes = routes;
  }

  /**
   * Serves the same with TLS on these addresses too. Call before {@link #start}.
   *
   * @param offerHttp2 whether clients may speak HTTP/2 there
   */
  public HttpServer secure(List<InetSocketAddress> addresses, ServerTls with, boolean offerHttp2) {
    secureAddresses = List.copyOf(addresses);
    tls = with;
    http2 = offerHttp2;
    return this;
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
        listen(address, new Accept(null));
      }
      for (InetSocketAddress address : secureAddresses) {
        Channel channel = listen(address, new Accept(tls));
        secureChannel = secureChannel == null ? channel : secureChannel;
      }
    } catch (ListenException e) {
      boolean plain = listening.size() <= config.also().size();
      String setting = listening.isEmpty() ? "http.port" : plain ? "http.also" : "https";
      close();
      throw e.with(setting);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    sweeps.start(sweepNanos());
  }

  private Channel listen(InetSocketAddress address, Accept accept) {
    Channel channel =
        EventLoops.bound(
            loops
                .server()
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(accept)
                .bind(address),
            address);
    listening.add(channel);
    return channel;
  }

  private long sweepNanos() {
    long shortest =
        Math.min(
            config.idleTimeout().toNanos(),
            Math.min(limits.headTimeout().toNanos(), limits.stallTimeout().toNanos()));
    return Math.min(LONGEST_SWEEP_NANOS, Math.max(1_000_000, shortest / 4));
  }

  private final class Accept extends ChannelInitializer<Channel> {
    private final @Nullable ServerTls secured;

    Accept(@Nullable ServerTls secured) {
      this.secured = secured;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (!serving.trust().isProxy(channel.remoteAddress()) && !budget.admit(channel)) {
        serving.error("too-many-connections-of-address");
        channel.close();
        return;
      }
      if (secured != null && http2) {
        secured.secureHttp(channel);
      } else if (secured != null) {
        secured.secure(channel);
      }
      if (!serving.admit()) {
        channel.writeAndFlush(Refusal.bytes(channel.alloc())).addListener(done -> channel.close());
        return;
      }
      open.add(channel);
      int maxHeaderBytes = config.maxHeaderBytes().toIntExact();
      RequestDecoder decoder = new RequestDecoder(limits.maxUriBytes(), maxHeaderBytes);
      long id = ThreadLocalRandom.current().nextLong();
      HttpConnection connection = new HttpConnection(serving, decoder, channel, id);
      if (secured != null && http2) {
        channel
            .pipeline()
            .addLast(new HttpVersionChoice(serving, decoder, connection, id, maxHeaderBytes));
      }
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

  /** Where this listens with TLS, as {@link #address}; null when it does not. */
  public @Nullable InetSocketAddress secureAddress() {
    Channel channel = secureChannel;
    return channel == null ? null : (InetSocketAddress) channel.localAddress();
  }

  /** Every method of every route, and whom it is for. */
  public List<Routes.Declared> routes() {
    return routes.declared();
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
