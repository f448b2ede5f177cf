package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real nginx whose file changes, in length or not, between the slices that are asked of it. */
@ExtendWith(LeakCheck.class)
class ChangingNginxTest {
  private static final int SLICE = CacheTestNode.SLICE;
  private static final String PATH = "/vod/film.flv";

  @TempDir Path dir;

  private static byte[] film(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"off, 0", "off, 5", "on, 0", "on, 5"})
  void twoVersionsAreNeverInOneAnswer(String etag, int longer) throws Exception {
    String nginx = Tool.require("nginx");
    byte[] old = film(1, 3 * SLICE + 99);
    byte[] now = film(2, 3 * SLICE + 99 + longer);
    Path site = Files.createDirectories(dir.resolve("site/vod"));
    Files.write(site.resolve("film.flv"), old);
    int port = freePort();
    Process server = start(nginx, port, etag);
    EventLoops loops = EventLoops.create(2);
    try (CacheTestNode node =
        new CacheTestNode(
            dir.resolve("cache"),
            ByteSize.ofMiB(64),
            ByteSize.ofMiB(8),
            loops,
            new ManualClock(),
            URI.create("http://127.0.0.1:" + port))) {
      assertThat(node.get(PATH, "Range", "bytes=0-9").body()).isEqualTo(Arrays.copyOf(old, 10));
      Path next = Files.write(dir.resolve("next"), now);
      Files.setLastModifiedTime(
          next, java.nio.file.attribute.FileTime.fromMillis(1_000_000_000_000L));
      Files.move(next, site.resolve("film.flv"), StandardCopyOption.ATOMIC_MOVE);
      boolean cut = false;
      try {
        View view = node.get(PATH);
        assertThat(view.status()).isEqualTo(200);
        assertThat(Arrays.equals(view.body(), old) || Arrays.equals(view.body(), now))
            .as("one version")
            .isTrue();
      } catch (IOException e) {
        cut = true;
      }
      assertThat(cut).as("only a version with a tag may be cut").isIn(false, etag.equals("on"));
      View view = node.get(PATH);
      assertThat(Arrays.equals(view.body(), cut ? now : old) || Arrays.equals(view.body(), now))
          .isTrue();
    } finally {
      server.destroy();
      server.waitFor();
      loops.close();
    }
  }

  private Process start(String nginx, int port, String etag) throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("nginx.conf"),
            """
            daemon off;
            master_process off;
            pid %1$s/nginx.pid;
            error_log stderr;
            events { worker_connections 64; }
            http {
              access_log off;
              etag %3$s;
              client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              server {
                listen 127.0.0.1:%2$d;
                root %1$s/site;
                add_header Cache-Control max-age=60;
              }
            }
            """
                .formatted(dir, port, etag));
    Process server =
        new ProcessBuilder(nginx, "-p", dir.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("nginx.log").toFile())
            .start();
    Await.until(Duration.ofSeconds(20), "nginx answers", () -> listens(port) || !server.isAlive());
    assertThat(server.isAlive()).as(Files.readString(dir.resolve("nginx.log"))).isTrue();
    return server;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
