package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.RtmpRoot;
import dev.sluice.chassis.lifecycle.AddressBudget;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.ListenException;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.LiveMeters;
import dev.sluice.media.rtmp.RtmpLimits;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.vod.VodServing;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves RTMP: takes publishers that the authorizer allows, and viewers of what the hub has.
 *
 * <p>Threading: {@link #start}, {@link #drain} and {@link #close} as {@link Service} says; each
 * connection is confined to its event loop.
 */
public final class RtmpServer implements Service {
  private final EventLoops loops;
  private final RtmpConfig config;
  private final RtmpServing serving;
  private final ChannelGroup connections =
      new DefaultChannelGroup("rtmp", GlobalEventExecutor.INSTANCE, true);
  private final AddressBudget budget;
  private final List<Channel> listening = new ArrayList<>();
  private List<InetSocketAddress> secureAddresses = List.of();
  private @Nullable ServerTls tls;
  private @Nullable InetSocketAddress address;
  private @Nullable InetSocketAddress secureAddress;
  private @Nullable VodServing files;

  /** A server that does not listen yet, and lets everyone play. */
  public RtmpServer(
      LiveHub hub,
      EventLoops loops,
      RtmpConfig config,
      PublishAuthorizer authorizer,
      Meters meters) {
    this(hub, loops, config, RtmpAccess.of(authorizer), meters, "");
  }

  /**
   * A server that does not listen yet.
   *
   * @param nodeId told to who connects, so that nodes find circles; may be empty
   */
  public RtmpServer(
      LiveHub hub,
      EventLoops loops,
      RtmpConfig config,
      RtmpAccess access,
      Meters meters,
      String nodeId) {
    this.loops = loops;
    this.config = config;
    this.serving =
        new RtmpServing(
            hub, access, meters, RtmpLimits.DEFAULT, config.limits(), RelayHint.nodeName(nodeId));
    this.budget = new AddressBudget(config.limits().maxConnectionsPerAddress());
    meters.gauge(LiveMeters.RTMP_CONNECTIONS, connections::size);
  }

  /** Serves the same with TLS (RTMPS) on these addresses too. Call before {@link #start}. */
  public RtmpServer secure(List<InetSocketAddress> addresses, ServerTls with) {
    secureAddresses = List.copyOf(addresses);
    tls = with;
    return this;
  }

  /** Serves files too, as {@code vod/PATH}. Before {@link #start}. */
  public void serve(VodServing stored) {
    files = stored;
  }

  @Override
  public void start() {
    String setting = "rtmp.port";
    try {
      address = listen(new InetSocketAddress(config.bind(), config.port()), null);
      setting = "rtmp.also";
      for (HostPort also : config.also()) {
        listen(also.resolve(), null);
      }
      setting = "rtmps";
      for (InetSocketAddress secured : secureAddresses) {
        InetSocketAddress bound = listen(secured, tls);
        secureAddress = secureAddress == null ? bound : secureAddress;
      }
    } catch (ListenException e) {
      close();
      throw e.with(setting);
    }
  }

  /** Where it listens with TLS, as {@link #address}; null when it does not. */
  public @Nullable InetSocketAddress secureAddress() {
    return secureAddress;
  }

  /** Where it listens; with port 0 configured, the port it got. After {@link #start}. */
  public InetSocketAddress address() {
    InetSocketAddress bound = address;
    if (bound == null) {
      throw new IllegalStateException("not started");
    }
    return bound;
  }

  /**
   * Takes no new connections, asks peers that can to connect elsewhere, and waits until the
   * connections end, or the limit.
   */
  @Override
  public void drain(Duration limit) {
    stopListening();
    RtmpRoot elsewhere = config.reconnectTo();
    String base = elsewhere == null ? "" : elsewhere.toString();
    for (Channel connection : connections) {
      RtmpServerHandler handler = connection.pipeline().get(RtmpServerHandler.class);
      if (handler != null) {
        connection.eventLoop().execute(() -> handler.drain(base));
      }
    }
    connections.newCloseFuture().awaitUninterruptibly(limit.toMillis());
  }

  @Override
  public void close() {
    stopListening();
    for (Channel connection : connections) {
      RtmpServerHandler handler = connection.pipeline().get(RtmpServerHandler.class);
      if (handler != null) {
        connection.eventLoop().execute(handler::stops);
      }
    }
    connections.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private void stopListening() {
    for (Channel channel : listening) {
      channel.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
    listening.clear();
  }

  private InetSocketAddress listen(InetSocketAddress at, @Nullable ServerTls secured) {
    Channel channel =
        loops.listen(
            at,
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel connection) {
                accept(connection, secured);
              }
            });
    listening.add(channel);
    return (InetSocketAddress) channel.localAddress();
  }

  private void accept(Channel connection, @Nullable ServerTls secured) {
    if (connections.size() >= config.limits().maxConnections()) {
      serving.countFault("too_many_connections");
      connection.close();
      return;
    }
    if (!budget.admit(connection)) {
      serving.countFault("too_many_connections_of_address");
      connection.close();
      return;
    }
    connections.add(connection);
    if (secured != null) {
      secured.secure(connection);
    }
    connection.pipeline().addLast(new RtmpServerHandler(serving, files));
  }
}
