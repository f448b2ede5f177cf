package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.edge.cache.disk.SlotFiles;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class EdgeCacheTest {
  private static final int SLICE = CacheTestNode.SLICE;
  private static final byte[] FILM = new byte[16 * SLICE + 12_345];

  static {
    new Random(3).nextBytes(FILM);
  }

  @TempDir Path dir;
  private EventLoops loops;
  private TestOrigin origin;
  private CacheTestNode node;
  private final ManualClock clock = new ManualClock();

  @BeforeEach
  void start() throws IOException {
    loops = EventLoops.create(2);
    origin = new TestOrigin(loops);
    origin.files.put("/vod/film.flv", new TestOrigin.File(FILM, "\"v1\"", "max-age=60"));
    node = node(ByteSize.ofMiB(64), ByteSize.ofMiB(8), origin.url());
  }

  private CacheTestNode node(ByteSize size, ByteSize memory, URI... origins) throws IOException {
    return new CacheTestNode(dir, size, memory, loops, clock, origins);
  }

  @AfterEach
  void stop() {
    node.close();
    origin.close();
    loops.close();
  }

  private static void assertBytes(View view, int from, int to) {
    assertThat(Arrays.equals(view.body(), Arrays.copyOfRange(FILM, from, to)))
        .as("bytes %d to %d, got %d", from, to, view.body().length)
        .isTrue();
  }

  private void untilStored(int slices) {
    Await.until(
        Duration.ofSeconds(5),
        slices + " slices on disk",
        () -> node.count(CacheMeters.FILLS) >= slices);
  }

  @Test
  void aSecondViewIsAHitWithoutAskingTheOrigin() throws Exception {
    View first = node.get("/vod/film.flv");
    assertThat(first.status()).isEqualTo(200);
    assertThat(first.header("Cache-Status")).isEqualTo("\"test-edge\"; fwd=uri-miss; stored");
    assertBytes(first, 0, FILM.length);
    untilStored(17);
    int asked = origin.asked.size();
    assertThat(origin.bytesSent.get()).isEqualTo(FILM.length);
    View second = node.get("/vod/film.flv");
    assertThat(second.header("Cache-Status")).isEqualTo("\"test-edge\"; hit; ttl=60");
    assertThat(second.header("Content-Type")).isEqualTo("video/x-flv");
    assertThat(second.header("ETag")).isEqualTo("\"v1\"");
    assertBytes(second, 0, FILM.length);
    assertThat(origin.asked).hasSize(asked);
  }

  @Test
  void eightViewersOfAColdFileCostOneFetchPerSlice() throws Exception {
    origin.pace = 64 * 1024;
    origin.holdAt = SLICE;
    AtomicInteger begun = new AtomicInteger();
    node.firstByte =
        () -> {
          if (begun.incrementAndGet() == 8) {
            origin.holdAt = FILM.length; // all of them have begun before the origin goes on
          }
        };
    try (ExecutorService viewers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<View>> views = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        views.add(viewers.submit(() -> node.get("/vod/film.flv")));
      }
      for (Future<View> view : views) {
        assertBytes(view.get(), 0, FILM.length);
      }
    }
    assertThat(origin.bytesSent.get()).isEqualTo(FILM.length);
    assertThat(new HashSet<>(origin.asked)).hasSameSizeAs(origin.asked);
  }

  @Test
  void aFarRangeIsFetchedFirst() throws Exception {
    int from = 12 * SLICE + 100;
    View view = node.get("/vod/film.flv", "Range", "bytes=" + from + "-" + (from + 65_535));
    assertThat(view.status()).isEqualTo(206);
    assertBytes(view, from, from + 65_536);
    assertThat(origin.asked)
        .containsExactly("/vod/film.flv bytes=" + 12 * SLICE + "-" + (13 * SLICE - 1));
  }

  @Test
  void rangesAcrossEverySliceBoundaryAreRight() throws Exception {
    for (int boundary = SLICE; boundary < FILM.length; boundary += 5 * SLICE) {
      for (int before = 0; before <= 2; before++) {
        for (int after = 0; after <= 2; after++) {
          int from = boundary - before;
          int last = boundary + after - 1;
          if (last < from) {
            continue;
          }
          View view = node.get("/vod/film.flv", "Range", "bytes=" + from + "-" + last);
          assertThat(view.header("content-range"))
              .isEqualTo("bytes " + from + "-" + last + "/" + FILM.length);
          assertBytes(view, from, last + 1);
        }
      }
    }
    assertBytes(node.get("/vod/film.flv", "Range", "bytes=-1"), FILM.length - 1, FILM.length);
    assertThat(node.get("/vod/film.flv", "Range", "bytes=" + FILM.length + "-").status())
        .isEqualTo(416);
    View parts = node.get("/vod/film.flv", "Range", "bytes=0-9,300000-300009");
    assertThat(parts.header("Content-Type")).startsWith("multipart/byteranges");
    assertThat(parts.body().length).isEqualTo(Integer.parseInt(parts.header("Content-Length")));
  }

  @Test
  void aRestartKeepsTheCache() throws Exception {
    assertBytes(node.get("/vod/film.flv"), 0, FILM.length);
    untilStored(17);
    node.close();
    int asked = origin.asked.size();
    node = node(ByteSize.ofMiB(64), ByteSize.ofMiB(8), origin.url());
    View view = node.get("/vod/film.flv");
    assertThat(view.header("Cache-Status")).contains("hit");
    assertBytes(view, 0, FILM.length);
    assertThat(origin.asked).hasSize(asked);
  }

  @Test
  void aStaleFileIsRevalidatedOnce() throws Exception {
    node.get("/vod/film.flv", "Range", "bytes=0-99");
    clock.advance(Duration.ofSeconds(61));
    int asked = origin.asked.size();
    View view = node.get("/vod/film.flv", "Range", "bytes=0-99");
    assertThat(view.header("Cache-Status")).contains("revalidated");
    assertBytes(view, 0, 100);
    assertThat(node.get("/vod/film.flv", "Range", "bytes=0-99").header("Cache-Status"))
        .contains("hit; ttl=60");
    assertThat(origin.asked).hasSize(asked + 1);
  }

  @Test
  void aChangedFileIsServedAnewAndNeverMixed() throws Exception {
    node.get("/vod/film.flv", "Range", "bytes=0-99");
    byte[] other = new byte[FILM.length];
    new Random(4).nextBytes(other);
    origin.files.put("/vod/film.flv", new TestOrigin.File(other, "\"v2\"", "max-age=60"));
    // Still fresh, but a slice that is not there yet brings the news.
    View view = node.get("/vod/film.flv", "Range", "bytes=" + 5 * SLICE + "-" + (5 * SLICE + 9));
    assertThat(view.status()).isEqualTo(206);
    assertThat(view.body()).isEqualTo(Arrays.copyOfRange(other, 5 * SLICE, 5 * SLICE + 10));
    assertThat(node.get("/vod/film.flv", "Range", "bytes=0-99").body())
        .isEqualTo(Arrays.copyOfRange(other, 0, 100));
  }

  @Test
  void withoutAnOriginStaleFilesAreServedAndOthersAre502() throws Exception {
    node.get("/vod/film.flv", "Range", "bytes=0-99");
    untilStored(1);
    origin.broken = 503;
    clock.advance(Duration.ofSeconds(61));
    View stale = node.get("/vod/film.flv", "Range", "bytes=0-99");
    assertThat(stale.header("Cache-Status")).contains("stale-if-error");
    assertBytes(stale, 0, 100);
    View other = node.get("/vod/other.flv");
    assertThat(other.status()).isEqualTo(502);
    assertThat(other.header("Content-Type")).isEqualTo("application/problem+json");
    clock.advance(Duration.ofHours(2));
    assertThat(node.get("/vod/film.flv", "Range", "bytes=0-99").status()).isEqualTo(502);
  }

  @Test
  void anOriginThatIsCutOffIsAskedForTheRestOnly() throws Exception {
    origin.cutAfter = 100_000;
    View view = node.get("/vod/film.flv", "Range", "bytes=0-" + (SLICE - 1));
    assertBytes(view, 0, SLICE);
    assertThat(origin.asked).hasSize(3);
    assertThat(origin.bytesSent.get()).isLessThan(SLICE + 200_000);
  }

  @Test
  void theSecondOriginTakesOver() throws Exception {
    try (TestOrigin second = new TestOrigin(loops)) {
      second.files.putAll(origin.files);
      node.close();
      node =
          node(
              ByteSize.ofMiB(64),
              ByteSize.ofMiB(8),
              URI.create("http://127.0.0.1:1"),
              second.url());
      assertBytes(node.get("/vod/film.flv"), 0, FILM.length);
    }
  }

  @Test
  void missingFilesAreRememberedForAWhile() throws Exception {
    assertThat(node.get("/vod/none.flv").status()).isEqualTo(404);
    assertThat(node.get("/vod/none.flv").status()).isEqualTo(404);
    assertThat(origin.asked).hasSize(1);
    clock.advance(Duration.ofSeconds(3));
    assertThat(node.get("/vod/none.flv").status()).isEqualTo(404);
    assertThat(origin.asked).hasSize(2);
  }

  @Test
  void whatMustNotBeStoredIsHandedThrough() throws Exception {
    origin.files.put("/vod/private.flv", new TestOrigin.File(FILM, "\"p\"", "no-store"));
    for (int i = 0; i < 2; i++) {
      View view = node.get("/vod/private.flv", "Range", "bytes=5-1000004");
      assertThat(view.header("Cache-Status")).isEqualTo("\"test-edge\"; fwd=bypass");
      assertBytes(view, 5, 1_000_005);
    }
    assertThat(node.count(CacheMeters.FILLS)).isZero();
  }

  @Test
  void anOriginWithoutRangesFillsTheWholeFileOnce() throws Exception {
    origin.whole = true;
    View view = node.get("/vod/film.flv", "Range", "bytes=1000000-1000009");
    assertThat(view.status()).isEqualTo(206);
    assertBytes(view, 1_000_000, 1_000_010);
    assertBytes(node.get("/vod/film.flv"), 0, FILM.length);
    assertThat(origin.asked).hasSize(1);
  }

  @Test
  void aCacheSmallerThanTheFileServesItAndEvicts() throws Exception {
    node.close();
    node = node(new ByteSize(4L * SlotFiles.SLOT_ALIGNMENT), ByteSize.ofMiB(1), origin.url());
    for (int i = 0; i < 2; i++) {
      assertBytes(node.get("/vod/film.flv"), 0, FILM.length);
    }
    assertThat(node.count(CacheMeters.EVICTIONS)).isPositive();
  }

  @Test
  void littleMemorySlowsFillsDownButEndsThem() throws Exception {
    node.close();
    node = node(ByteSize.ofMiB(64), new ByteSize(SLICE), origin.url());
    try (ExecutorService viewers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<View>> views = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int from = i * 2 * SLICE;
        views.add(viewers.submit(() -> node.get("/vod/film.flv", "Range", "bytes=" + from + "-")));
      }
      for (int i = 0; i < 6; i++) {
        assertBytes(views.get(i).get(), i * 2 * SLICE, FILM.length);
      }
    }
  }

  @Test
  void conditionsAndHeadNeedNoBody() throws Exception {
    node.get("/vod/film.flv", "Range", "bytes=0-9");
    assertThat(node.get("/vod/film.flv", "If-None-Match", "\"v1\"").status()).isEqualTo(304);
    assertThat(node.get("/vod/film.flv", "If-Match", "\"v0\"").status()).isEqualTo(412);
    assertThat(node.get("/vod/film.flv", "Range", "bytes=0-9", "If-Range", "\"v0\"").status())
        .isEqualTo(200);
    assertThat(node.get("/vod/film.flv", "CDN-Loop", "other, test-edge").status()).isEqualTo(508);
  }
}
