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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
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

  private final EventLoop loop;
  private final HlsOptions options;
  private final InetSocketAddress address;
  private final String headers;
  private final List<HlsPlayer> players = new ArrayList<>();
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
  private final Map<String, String> requests = new HashMap<>();

  HlsLoop(EventLoop loop, HlsOptions options) {
    this.loop = loop;
    this.options = options;
    this.address = options.address();
    this.headers =
        " HTTP/1.1\r\nHost: "
            + options.url().getRawAuthority()
            + "\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nUser-Agent: sluice-bench-hls\r\n\r\n";
  }

  EventLoop eventLoop() {
    return loop;
  }

  List<HlsPlayer> players() {
    return players;
  }

  /** Opens the player with this number, counting from 0 over all loops. */
  void open(int number) {
    HlsPlayer player = new HlsPlayer(this);
    players.add(player);
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
                    channel.pipeline().addLast(player);
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
    return (int) players.stream().filter(HlsPlayer::onItsWay).count();
  }

  /** The request for a piece, by its URI in the playlist. */
  String request(String uri) {
    if (requests.size() > PLAYLISTS_KNOWN) {
      requests.clear();
    }
    return requests.computeIfAbsent(
        uri,
        piece -> {
          URI whole = options.url().resolve(piece);
          return "GET " + target(whole) + headers;
        });
  }

  /** The request for the playlist: as it is, or when there is what comes next. */
  String reload(@Nullable Playlist known) {
    String target = target(options.url());
    if (known != null) {
      target += target.indexOf('?') < 0 ? "?" : "&";
      target += "_HLS_msn=" + known.nextMsn();
      target += known.nextPart() < 0 ? "" : "&_HLS_part=" + known.nextPart();
    }
    return "GET " + target + headers;
  }

  private static String target(URI uri) {
    return uri.getRawQuery() == null
        ? uri.getRawPath()
        : uri.getRawPath() + "?" + uri.getRawQuery();
  }

  /**
   * Reads a playlist, or finds that it has been read.
   *
   * @throws IllegalArgumentException for what is none
   */
  Playlist parsed(byte[] body, boolean gzip) {
    return known.computeIfAbsent(new Body(body), _ -> Playlist.read(text(body, gzip)));
  }

  private static String text(byte[] body, boolean gzip) {
    if (!gzip) {
      return new String(body, StandardCharsets.UTF_8);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
    players.forEach(HlsPlayer::startWindow);
  }

  void closeAll() {
    players.forEach(HlsPlayer::close);
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
