package dev.sluice.edge.hls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.client.HttpClientDeadlines;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.edge.cache.CacheConfig;
import dev.sluice.edge.cache.EdgeCache;
import dev.sluice.media.hls.ListedPart;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistWriter;
import dev.sluice.media.stream.StreamKey;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which origin's list an edge takes. */
class OriginHlsTest {
  private static final StreamKey KEY = new StreamKey("live", "demo");

  /** Nobody waits so long: what hangs is not to be waited for at all. */
  private static final Duration FOR_EVER = Duration.ofHours(1);

  @TempDir private Path dir;
  private final EventLoops loops = EventLoops.create(2);
  private final Meters meters = new Meters();
  private ServerSocket silent;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Routes routes =
        new Routes()
            .get(
                "/live/{name}/index.m3u8",
                exchange -> exchange.respond(200, "text/plain", PlaylistWriter.text(list(), false)))
            .get("/none/**", exchange -> exchange.respond(404, "text/plain", ""));
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test");
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    silent.close();
    meters.close();
    loops.close();
  }

  private static MediaPlaylist list() {
    ListedSegment segment =
        new ListedSegment(
            7, 1_796_000_000_000L, 2000, 1, false, 5, true, List.of(new ListedPart(2000, true)));
    return new MediaPlaylist(0xabc, 2, 400, true, List.of(segment), false, 8, 0);
  }

  private static URI at(int port, String below) {
    return URI.create("http://127.0.0.1:" + port + below);
  }

  private Optional<MediaPlaylist> ask(long incarnation, URI... origins) throws Exception {
    HttpClientDeadlines deadlines = new HttpClientDeadlines(FOR_EVER, FOR_EVER, FOR_EVER, FOR_EVER);
    CacheConfig config = CacheConfig.in(dir.toString(), ByteSize.ofMiB(64));
    List<URI> all = List.of(origins);
    try (EdgeCache cache =
            EdgeCache.open(config, all, null, "eu-1", loops, meters, InstantSource.system());
        OriginHls hls = new OriginHls(all, null, "eu-1", loops, cache, deadlines)) {
      CompletableFuture<Optional<MediaPlaylist>> told = new CompletableFuture<>();
      hls.playlist(KEY, incarnation, playlist -> told.complete(Optional.ofNullable(playlist)));
      return told.get(90, TimeUnit.SECONDS);
    }
  }

  @Test
  void anOriginThatHangsDoesNotKeepAnEdgeFromAskingTheNext() throws Exception {
    URI hangs = at(silent.getLocalPort(), "");
    assertThat(ask(0xabc, hangs, at(server.address().getPort(), ""))).hasValue(list());
  }

  @Test
  void theListOfAnotherRunOfTheStreamIsNotTaken() throws Exception {
    URI origin = at(server.address().getPort(), "");
    URI other = at(server.address().getPort(), "/none");
    assertThat(ask(0xabd, origin, other)).isEmpty();
    assertThat(ask(0xabc, other, origin)).hasValue(list());
  }
}
