package dev.sluice.lab.hls;

import dev.sluice.lab.bench.Histogram;
import dev.sluice.lab.bench.SourceAddresses;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The players of one event loop and what they share: a playlist that many get is read once.
 *
 * <p>Threading: confined to the loop, but for the constructor.
 */
final class HlsLoop {
  private static final int PLAYLISTS_KNOWN = 64;
  private static final int NANOS_PER_MS = 1_000_000;
  private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};

  private final EventLoop loop;
  private final HlsOptions options;
  private final InetSocketAddress address;
  private final @Nullable SslContext tls;
  private final Requests requests;
  private final List<Player> players = new ArrayList<>();
  private final Histogram joins = new Histogram();
  private final Histogram delays = new Histogram();
  private final Map<String, Integer> failures = new TreeMap<>();
  private final Map<Integer, Long> statuses = new TreeMap<>();
  private final Map<Body, Playlist> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Body, Playlist> eldest) {
          return size() > PLAYLISTS_KNOWN;
        }
      };
  private final Map<String, String> targets = new HashMap<>();

  /**
   * Has no players.
   *
   * @param tls null for http
   */
  HlsLoop(EventLoop loop, HlsOptions options, @Nullable SslContext tls) {
    this.loop = loop;
    this.options = options;
    this.address = options.address();
    this.tls = tls;
    this.requests = new Requests(options.url().getRawAuthority());
  }

  EventLoop eventLoop() {
    return loop;
  }

  List<Player> players() {
    return players;
  }

  /** Connects a player that has this number, counting from 0 over all loops. */
  void open(int number, Player player) {
    players.add(player);
    Line line =
        options.http2()
            ? new Http2Line(requests, player)
            : new Http1Line(tls != null, requests, player);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (tls != null) {
                      channel
                          .pipeline()
                          .addLast(
                              tls.newHandler(
                                  channel.alloc(), address.getHostString(), address.getPort()));
                    }
                    channel.pipeline().addLast(line);
                  }
                });
    SourceAddresses sources = options.sources();
    ChannelFuture connecting =
        sources == null
            ? bootstrap.connect(address)
            : bootstrap.connect(address, new InetSocketAddress(sources.of(number), 0));
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            player.end("connect: " + done.cause().getMessage());
          }
        });
  }

  int onTheirWay() {
    return (int) players.stream().filter(Player::onItsWay).count();
  }

  /** What to ask for a piece, by its URI in the playlist. */
  String target(String uri) {
    if (targets.size() > PLAYLISTS_KNOWN) {
      targets.clear();
    }
    return targets.computeIfAbsent(uri, piece -> Requests.target(options.url().resolve(piece)));
  }

  /** What to ask for something that was recorded: its path below that of the URL. */
  String replayed(String path) {
    String root = options.url().getRawPath();
    return root.endsWith("/") ? root.substring(0, root.length() - 1) + path : root + path;
  }

  /** What to ask for the playlist: as it is, or when there is what comes next. */
  String reload(@Nullable Playlist known) {
    String target = Requests.target(options.url());
    if (known != null) {
      target += target.indexOf('?') < 0 ? "?" : "&";
      target += "_HLS_msn=" + known.nextMsn();
      target += known.nextPart() < 0 ? "" : "&_HLS_part=" + known.nextPart();
    }
    return target;
  }

  /**
   * Reads a playlist, compressed or not, or finds that it has been read.
   *
   * @throws IllegalArgumentException for what is none
   */
  Playlist parsed(byte[] body) {
    return known.computeIfAbsent(new Body(body), _ -> Playlist.read(text(body)));
  }

  private static String text(byte[] body) {
    if (body.length < 2 || body[0] != GZIP_MAGIC[0] || body[1] != GZIP_MAGIC[1]) {
      return new String(body, StandardCharsets.UTF_8);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException("playlist: " + e.getMessage(), e);
    }
  }

  void answered(int status) {
    statuses.merge(status, 1L, Long::sum);
  }

  void joined(long nanos) {
    joins.record(nanos);
  }

  void came(long delayMs) {
    delays.record(delayMs * NANOS_PER_MS);
  }

  void failed(String reason) {
    failures.merge(reason, 1, Integer::sum);
  }

  Histogram joins() {
    return joins;
  }

  Histogram delays() {
    return delays;
  }

  Map<String, Integer> failures() {
    return failures;
  }

  Map<Integer, Long> statuses() {
    return statuses;
  }

  void startWindow() {
    delays.clear();
    statuses.clear();
    players.forEach(Player::startWindow);
  }

  void closeAll() {
    players.forEach(Player::close);
  }

  /** A body as a key. */
  private static final class Body {
    private final byte[] bytes;

    Body(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Body body && Arrays.equals(bytes, body.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }
}
