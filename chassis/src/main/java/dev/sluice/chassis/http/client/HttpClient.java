package dev.sluice.chassis.http.client;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.tls.ClientTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 client for asking other servers: streams bodies, keeps connections, has a deadline
 * for everything, follows no redirects. A GET or HEAD that finds its kept connection closed by the
 * other side is sent once more.
 *
 * <p>Over TLS the server's certificate must name the host that is asked and be signed by a trusted
 * authority; an answer that only the end of the connection ends counts as whole only if TLS was
 * closed too.
 *
 * <p>Threading: a call lives on the loop it is sent from, with a pool of its own for that loop, so
 * nothing is shared.
 */
public final class HttpClient implements AutoCloseable {
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int KEPT_PER_HOST = 32;

  private final EventLoops loops;
  private final HttpClientDeadlines deadlines;
  private final @Nullable ClientTls tls;
  private final Names names;
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  /** Pools by loop; each pool is touched by its own loop only. */
  private final Map<EventLoop, Map<String, ArrayDeque<HttpClientConnection>>> pools =
      new ConcurrentHashMap<>();

  /** Finds the address of a name; may block. */
  interface Names {
    InetAddress find(String host) throws UnknownHostException;
  }

  /** A client of plain HTTP; requests over TLS fail. */
  public HttpClient(EventLoops loops, HttpClientDeadlines deadlines) {
    this(loops, deadlines, null);
  }

  /** A client that speaks TLS too, if told whom to trust. */
  public HttpClient(EventLoops loops, HttpClientDeadlines deadlines, @Nullable ClientTls tls) {
    this(loops, deadlines, tls, InetAddress::getByName);
  }

  HttpClient(
      EventLoops loops, HttpClientDeadlines deadlines, @Nullable ClientTls tls, Names names) {
    this.names = names;
    this.loops = loops;
    this.deadlines = deadlines;
    this.tls = tls;
  }

  /** Sends; call on {@code loop}, which must be one of this client's. */
  public HttpClientCall send(EventLoop loop, HttpClientRequest request, HttpClientHandler handler) {
    assert loop.inEventLoop();
    HttpClientCall call = new HttpClientCall(request, handler);
    ArrayDeque<HttpClientConnection> kept = kept(loop, request);
    for (HttpClientConnection connection; (connection = kept.pollLast()) != null; ) {
      if (connection.usable()) {
        connection.send(call, true);
        return call;
      }
    }
    resolve(loop, call);
    return call;
  }

  private ArrayDeque<HttpClientConnection> kept(EventLoop loop, HttpClientRequest request) {
    return pools
        .computeIfAbsent(loop, l -> new HashMap<>())
        .computeIfAbsent(request.server().route(), route -> new ArrayDeque<>());
  }

  /** Names are looked up on a virtual thread, addresses are taken as they are. */
  private void resolve(EventLoop loop, HttpClientCall call) {
    InetAddress given = call.request().server().address();
    if (given != null) {
      connect(loop, call, given);
      return;
    }
    String host = call.request().server().host();
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    if (literal != null) {
      try {
        connect(loop, call, InetAddress.getByAddress(literal));
        return;
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }
    lookUp(loop, call, host);
  }

  /** The system's resolver may take as long as it likes; the call waits as for a connection. */
  private void lookUp(EventLoop loop, HttpClientCall call, String host) {
    long ms = deadlines.connect().toMillis();
    Future<?> deadline =
        loop.schedule(
            () ->
                call.fail(
                    HttpClientException.Reason.CONNECT_TIMEOUT,
                    "no address for " + host + " in " + ms + " ms"),
            ms,
            TimeUnit.MILLISECONDS);
    Thread.startVirtualThread(
        () -> {
          Runnable found;
          try {
            InetAddress address = names.find(host);
            found = () -> connect(loop, call, address);
          } catch (UnknownHostException e) {
            found = () -> call.fail(HttpClientException.Reason.CONNECT, "unknown host " + host);
          }
          Runnable goOn = found;
          try {
            loop.execute(
                () -> {
                  deadline.cancel(false);
                  goOn.run();
                });
          } catch (RejectedExecutionException e) {
            // The loop is shut down, and nobody waits for us any more.
          }
        });
  }

  private void connect(EventLoop loop, HttpClientCall call, InetAddress address) {
    if (call.done()) {
      return;
    }
    if (call.request().server().secure() && tls == null) {
      call.fail(HttpClientException.Reason.TLS, "this client speaks plain HTTP only");
      return;
    }
    loops
        .client()
        .clone(loop)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) deadlines.connect().toMillis())
        .handler(new Codec(tls, call.request(), deadlines.connect()))
        .connect(new InetSocketAddress(address, call.request().server().port()))
        .addListener(
            (io.netty.channel.ChannelFuture done) -> {
              if (!done.isSuccess()) {
                Throwable cause = done.cause();
                call.fail(
                    cause instanceof ConnectTimeoutException
                        ? HttpClientException.Reason.CONNECT_TIMEOUT
                        : HttpClientException.Reason.CONNECT,
                    String.valueOf(cause.getMessage()));
              } else if (call.done()) {
                done.channel().close();
              } else {
                handshake(loop, call, done.channel());
              }
            });
  }

  private void handshake(EventLoop loop, HttpClientCall call, Channel channel) {
    open.add(channel);
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    if (handler == null) {
      carry(loop, call, channel);
      return;
    }
    handler
        .handshakeFuture()
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                channel.close();
                call.fail(HttpClientException.Reason.TLS, ClientTls.words(done.cause()));
              } else if (call.done()) {
                channel.close();
              } else {
                carry(loop, call, channel);
              }
            });
  }

  private void carry(EventLoop loop, HttpClientCall call, Channel channel) {
    ArrayDeque<HttpClientConnection> kept = kept(loop, call.request());
    HttpClientConnection connection =
        new HttpClientConnection(
            channel,
            deadlines,
            idle -> {
              if (kept.size() < KEPT_PER_HOST) {
                idle.park();
                kept.addLast(idle);
              } else {
                idle.drop();
              }
            },
            stale -> resolve(loop, stale));
    channel.closeFuture().addListener(closed -> kept.remove(connection));
    channel.pipeline().addLast(connection);
    connection.send(call, false);
  }

  /** Closes every connection; calls under way fail. */
  @Override
  public void close() {
    open.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  private static final class Codec extends ChannelInitializer<Channel> {
    private final @Nullable ClientTls tls;
    private final HttpClientRequest request;
    private final Duration limit;

    Codec(@Nullable ClientTls tls, HttpClientRequest request, Duration limit) {
      this.tls = tls;
      this.request = request;
      this.limit = limit;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (tls != null && request.server().secure()) {
        tls.secureHttp(channel, request.server().peer(), request.server().port(), limit);
      }
      HttpDecoderConfig config =
          new HttpDecoderConfig().setMaxHeaderSize(MAX_HEAD_BYTES).setMaxChunkSize(PIECE_BYTES);
      channel.pipeline().addLast(new HttpClientCodec(config, true, true), ConnectionFaults.END);
    }
  }
}
