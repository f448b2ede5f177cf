package dev.sluice.balancer.dns;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.ListenException;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Listens for DNS queries over UDP and TCP at one or more addresses. With epoll every event loop
 * has a UDP socket of its own on the port ({@code SO_REUSEPORT}), and the kernel shares out the
 * clients.
 *
 * <p>Limits: datagrams and TCP messages of 4096 bytes; TCP connections in total and from one
 * address, their idle time and lifetime, and the rate of UDP answers, from the configuration.
 */
public final class DnsServer implements Service {
  private static final int READ_BYTES = TcpHandler.LARGEST_QUERY;
  private static final int CLIENT_BITS_V6 = 56;

  /** Holds a burst of some thousand queries; the kernel grants what it allows. */
  private static final int RECEIVE_BUFFER = 2 * 1024 * 1024;

  private static final int PORT_TRIES = 20;

  private final DnsConfig config;
  private final EventLoops loops;
  private final DnsResponder responder;
  private final List<Channel> listening = new ArrayList<>();
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final AtomicInteger admitted = new AtomicInteger();
  private final ConcurrentHashMap<InetAddress, Integer> openByClient = new ConcurrentHashMap<>();

  /** A server that does not listen yet. */
  public DnsServer(DnsConfig config, EventLoops loops, DnsAnswers answers, Meters meters) {
    this.config = config;
    this.loops = loops;
    ResponseRate rate =
        new ResponseRate(
            config.udpAnswersPerSecond(),
            config.udpSlip(),
            config.udpUnlimited(),
            new SecureRandom().nextLong());
    this.responder = new DnsResponder(answers, rate, meters);
    meters.gauge(DnsMeters.CONNECTIONS, open::size);
    responder.dropped("connection_limit");
  }

  @Override
  public void start() {
    try {
      listen(new InetSocketAddress(config.bind(), config.port()));
      for (HostPort more : config.also()) {
        listen(more.resolve());
      }
    } catch (ListenException e) {
      String setting = listening.isEmpty() ? "dns.port" : "dns.also";
      close();
      throw e.with(setting);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** UDP and TCP on one port; a free one must be free for both. */
  private void listen(InetSocketAddress address) {
    for (int attempt = 1; ; attempt++) {
      Channel tcp = streams(address);
      InetSocketAddress taken = (InetSocketAddress) tcp.localAddress();
      try {
        List<Channel> udp = datagrams(new InetSocketAddress(address.getAddress(), taken.getPort()));
        listening.add(tcp);
        listening.addAll(udp);
        return;
      } catch (ListenException e) {
        tcp.close().awaitUninterruptibly();
        if (address.getPort() != 0 || attempt == PORT_TRIES) {
          throw e;
        }
      }
    }
  }

  private Channel streams(InetSocketAddress address) {
    ServerBootstrap halves =
        loops.server().childOption(ChannelOption.ALLOW_HALF_CLOSURE, true); // see TcpHandler
    return EventLoops.bound(halves.childHandler(new Accept()).bind(address), address);
  }

  private List<Channel> datagrams(InetSocketAddress address) {
    List<Channel> sockets = new ArrayList<>();
    UdpHandler handler = new UdpHandler(responder);
    int count = loops.epoll() ? loops.size() : 1;
    try {
      // Without this first bind, SO_REUSEPORT would let a second server share the port unseen.
      sockets.add(EventLoops.bound(datagram(handler).bind(address), address));
      if (count > 1) {
        sockets.removeFirst().close().awaitUninterruptibly();
        for (int i = 0; i < count; i++) {
          Bootstrap shared = datagram(handler).option(UnixChannelOption.SO_REUSEPORT, true);
          sockets.add(EventLoops.bound(shared.bind(address), address));
        }
      }
      return sockets;
    } catch (RuntimeException e) {
      sockets.forEach(socket -> socket.close().awaitUninterruptibly());
      throw e;
    }
  }

  private Bootstrap datagram(UdpHandler handler) {
    return loops
        .datagram()
        .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
        .handler(handler);
  }

  private final class Accept extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      InetSocketAddress peer = (InetSocketAddress) channel.remoteAddress();
      if (peer == null || !admit(channel, peer.getAddress())) {
        responder.dropped("connection_limit").increment();
        channel.close();
        return;
      }
      channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES));
      channel
          .pipeline()
          .addLast(
              new TcpHandler(responder, peer.getAddress(), config.tcpIdle(), config.tcpLifetime()));
    }
  }

  private boolean admit(Channel channel, InetAddress address) {
    InetAddress client = client(address);
    int mine = openByClient.merge(client, 1, Integer::sum);
    int all = admitted.incrementAndGet();
    channel
        .closeFuture()
        .addListener(
            closed -> {
              admitted.decrementAndGet();
              openByClient.computeIfPresent(client, (c, n) -> n == 1 ? null : n - 1);
            });
    if (mine > config.tcpConnectionsPerClient() || all > config.tcpConnections()) {
      return false;
    }
    open.add(channel);
    return true;
  }

  /** One client has a whole IPv6 network to come from. */
  static InetAddress client(InetAddress address) {
    return address.getAddress().length == 4 ? address : new Cidr(address, CLIENT_BITS_V6).network();
  }

  /** Where this listens, for UDP and TCP alike: the first address, with the port taken. */
  public InetSocketAddress address() {
    if (listening.isEmpty()) {
      throw new IllegalStateException("not started");
    }
    return (InetSocketAddress) listening.getFirst().localAddress();
  }

  @Override
  public void close() {
    listening.forEach(channel -> channel.close().awaitUninterruptibly());
    listening.clear();
    open.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
