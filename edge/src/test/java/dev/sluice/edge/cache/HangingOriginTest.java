package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Origins that take a connection and then say nothing. How long an edge waits is set to hours where
 * a test shows that nobody waits for it, so that no test depends on a fast machine.
 */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class HangingOriginTest {
  private static final Duration FOR_EVER = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final byte[] FILM = new byte[2 * CacheTestNode.SLICE + 9];

  static {
    new Random(3).nextBytes(FILM);
  }

  /** How an origin hangs. */
  enum Hang {
    SAYS_NOTHING {
      @Override
      void answer(RawOrigin origin, RawOrigin.Asked request, java.io.OutputStream out)
          throws IOException {
        origin.hang();
      }
    },
    SENDS_THE_HEAD {
      @Override
      void answer(RawOrigin origin, RawOrigin.Asked request, java.io.OutputStream out)
          throws IOException {
        RawOrigin.head(out, "200 OK", "ETag: \"a\"", "Content-Length: " + FILM.length);
        origin.hang();
      }
    },
    TRICKLES {
      @Override
      void answer(RawOrigin origin, RawOrigin.Asked request, java.io.OutputStream out)
          throws IOException {
        RawOrigin.head(out, "200 OK", "ETag: \"a\"", "Content-Length: " + FILM.length);
        for (byte b : FILM) {
          out.write(b);
          out.flush();
          java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
      }
    };

    abstract void answer(RawOrigin origin, RawOrigin.Asked request, java.io.OutputStream out)
        throws IOException;
  }

  @TempDir Path dir;
  private EventLoops loops;
  private RawOrigin first;
  private RawOrigin second;
  private CacheTestNode node;
  private final ManualClock clock = new ManualClock();

  @BeforeEach
  void start() throws IOException {
    loops = EventLoops.create(2);
    first = new RawOrigin(HangingOriginTest::serve);
    second = new RawOrigin(HangingOriginTest::serve);
  }

  private static void serve(RawOrigin.Asked request, java.io.OutputStream out) throws IOException {
    RawOrigin.file(request, out, FILM, "ETag: \"a\"", "Cache-Control: max-age=10");
  }

  private void node(Duration patience, URI... origins) throws IOException {
    node =
        new CacheTestNode(
            dir, ByteSize.ofMiB(64), ByteSize.ofMiB(8), loops, clock, patience, origins);
  }

  @AfterEach
  void stop() throws IOException {
    node.close();
    first.close();
    second.close();
    loops.close();
  }

  private void hang(RawOrigin origin, Hang how) {
    origin.script = (request, out) -> how.answer(origin, request, out);
  }

  private void assertFilm(View view) {
    assertThat(view.status()).isEqualTo(200);
    assertThat(Arrays.equals(view.body(), FILM)).isTrue();
  }

  private void stored() {
    Await.until(
        Duration.ofSeconds(30),
        "the film on disk",
        () -> node.meters.counter(CacheMeters.FILLS, "stored").count() >= 3);
  }

  @Test
  void aStaleFileIsServedWhileOneRequestLooksForNews() throws Exception {
    node(FOR_EVER, first.url());
    assertFilm(node.get("/vod/film"));
    stored();
    hang(first, Hang.SAYS_NOTHING);
    clock.advance(Duration.ofSeconds(11));
    int asked = first.asked.size();
    for (int n = 0; n < 20; n++) {
      View view = node.get("/vod/film");
      assertFilm(view);
      assertThat(view.header("Cache-Status")).contains("detail=stale-if-error").contains("ttl=-1");
    }
    assertThat(first.asked).as("one question, for all of them").hasSize(asked + 1);
  }

  @Test
  void staleWhileRevalidateIsNotWaitedForAtAll() throws Exception {
    first.script =
        (request, out) ->
            RawOrigin.file(
                request,
                out,
                FILM,
                "ETag: \"a\"",
                "Cache-Control: max-age=10, stale-while-revalidate=60");
    node(FOR_EVER, first.url());
    assertFilm(node.get("/vod/film"));
    stored();
    clock.advance(Duration.ofSeconds(11));
    View view = node.get("/vod/film");
    assertFilm(view);
    assertThat(view.header("Cache-Status")).contains("detail=stale-while-revalidate");
    Await.until(
        Duration.ofSeconds(30),
        "the news",
        () -> {
          try {
            return node.get("/vod/film").header("Cache-Status").contains("; hit; ttl=10");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void whatMustBeRevalidatedIsRefusedInTimeAndNotServedStale() throws Exception {
    first.script =
        (request, out) ->
            RawOrigin.file(
                request, out, FILM, "ETag: \"a\"", "Cache-Control: max-age=10, must-revalidate");
    node(SHORT, first.url());
    assertFilm(node.get("/vod/film"));
    hang(first, Hang.SAYS_NOTHING);
    clock.advance(Duration.ofSeconds(11));
    View view = node.get("/vod/film");
    assertThat(view.status()).isEqualTo(504);
    assertThat(view.header("Retry-After")).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(Hang.class)
  void theSecondOriginIsAskedWhenTheFirstHangs(Hang how) throws Exception {
    node(FOR_EVER, first.url(), second.url());
    hang(first, how);
    assertFilm(node.get("/vod/film"));
    int asked = first.asked.size();
    assertFilm(node.get("/vod/other"));
    assertThat(first.asked).as("remembered").hasSizeLessThanOrEqualTo(asked + 1);
  }

  @ParameterizedTest
  @EnumSource(Hang.class)
  void whoeverWaitsForAMissingFileWaitsNoLongerThanTheBudget(Hang how) throws Exception {
    node(SHORT, first.url());
    hang(first, how);
    View view;
    try {
      view = node.get("/vod/film");
    } catch (IOException cut) {
      return; // The body had begun: it is cut where the origin stopped.
    }
    assertThat(view.status()).isEqualTo(504);
  }

  @Test
  void notEveryoneWaitsForAnOriginThatIsKnownToHang() throws Exception {
    node(SHORT, first.url());
    hang(first, Hang.SAYS_NOTHING);
    for (int n = 0; n < 3; n++) {
      assertThat(node.get("/vod/" + n).status()).isEqualTo(504);
    }
    int asked = first.asked.size();
    try (ExecutorService viewers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<View>> views = new ArrayList<>();
      for (int n = 10; n < 60; n++) {
        String path = "/vod/" + n;
        views.add(viewers.submit(() -> node.get(path)));
      }
      for (Future<View> view : views) {
        assertThat(view.get().status()).isEqualTo(504);
      }
    }
    assertThat(first.asked.size() - asked).as("probes").isLessThanOrEqualTo(5);
    first.script = HangingOriginTest::serve;
    Await.until(
        Duration.ofSeconds(60),
        "it is found to be back",
        () -> {
          try {
            return node.get("/vod/film").status() == 200;
          } catch (Exception e) {
            return false;
          }
        });
  }

  @Test
  void aFileThatIsHandedThroughIsNotWaitedForEither() throws Exception {
    node(SHORT, first.url());
    first.script = (request, out) -> RawOrigin.file(request, out, FILM, "Cache-Control: no-store");
    assertFilm(node.get("/vod/film"));
    hang(first, Hang.SAYS_NOTHING);
    assertThat(node.get("/vod/film").status()).isEqualTo(504);
  }
}
