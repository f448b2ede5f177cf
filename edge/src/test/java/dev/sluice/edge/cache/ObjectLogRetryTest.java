package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cache whose object log could not be written, its name being taken by a directory. */
@Timeout(120)
class ObjectLogRetryTest {
  private static final byte[] FILM = new byte[1000];

  @TempDir Path dir;
  private EventLoops loops;
  private RawOrigin origin;
  private Path log;
  private Path inTheWay;

  @BeforeEach
  void start() throws IOException {
    loops = EventLoops.create(1);
    origin = new RawOrigin((request, out) -> RawOrigin.file(request, out, FILM, "ETag: \"a\""));
    log = dir.resolve("objects.log");
    inTheWay = Files.createDirectories(log.resolve("x"));
  }

  @AfterEach
  void stop() throws IOException {
    origin.close();
    loops.close();
  }

  private CacheTestNode node() throws IOException {
    return new CacheTestNode(
        dir, ByteSize.ofMiB(16), ByteSize.ofMiB(8), loops, new ManualClock(), origin.url());
  }

  private void fill(CacheTestNode node) throws Exception {
    assertThat(node.get("/vod/film").body()).isEqualTo(FILM);
    Await.until(
        Duration.ofSeconds(30),
        "the film on disk",
        () -> node.meters.counter(CacheMeters.FILLS, "stored").count() >= 1);
  }

  private void makeRoom() throws IOException {
    Files.delete(inTheWay);
    Files.delete(log);
  }

  private void assertWarm() throws Exception {
    int asked = origin.asked.size();
    try (CacheTestNode node = node()) {
      assertThat(node.get("/vod/film").header("Cache-Status")).contains("; hit");
    }
    assertThat(origin.asked).hasSize(asked);
  }

  @Test
  void theLogIsWrittenWhenThereIsRoomAgainThoughNothingNewIsAskedFor() throws Exception {
    try (CacheTestNode node = node()) {
      fill(node);
      Await.until(
          Duration.ofSeconds(60),
          "a second try",
          () -> node.meters.counter(CacheMeters.STORE_ERRORS, "log").count() >= 2);
      makeRoom();
      Await.until(Duration.ofSeconds(60), "the log", () -> log.toFile().length() > 0);
    }
    assertWarm();
  }

  @Test
  void aNodeThatIsStoppedBeforeTheNextTryTriesOnceMore() throws Exception {
    try (CacheTestNode node = node()) {
      fill(node);
      makeRoom();
    }
    assertWarm();
  }
}
