package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.channel.EventLoop;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Players that ask for what is not there yet. */
@ExtendWith(LeakCheck.class)
class HlsWaitingTest extends HlsServing {
  @Test
  void thoseWhoWaitForAPartGetItWhenItIsWhole() throws Exception {
    MediaPlaylist list = watched(9_000);
    String next = INDEX + "?_HLS_msn=" + list.nextMsn() + "&_HLS_part=" + list.nextPart();
    var one = server.ask(next);
    var two = server.ask(next);
    var early = server.ask("/live/demo/abc/" + list.nextMsn() + "." + list.nextPart() + ".m4s");
    awaitWaiting(3);
    HlsServer.feed(sink, encoder.next(400));
    assertThat(text(get(one))).isEqualTo(text(get(two)));
    MediaPlaylist now = PlaylistReader.read(text(get(one)));
    assertThat(now.hasPart(list.nextMsn(), list.nextPart())).isTrue();
    assertThat(get(early).statusCode()).isEqualTo(200);
    awaitWaiting(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?_HLS_part=1",
        "?_HLS_msn=99999999999",
        "?_HLS_msn=-3",
        "?_HLS_msn=abc&_HLS_part=0",
        "?_HLS_msn=99999999999999999999999999"
      })
  void whatMakesNoSenseIsRefused(String query) throws Exception {
    watched(9_000);
    assertThat(get(INDEX + query).statusCode()).isEqualTo(400);
  }

  @Test
  void whoAsksForWhatIsOldGetsTheListAsItIs() throws Exception {
    watched(9_000);
    assertThat(get(INDEX + "?_HLS_msn=5&_HLS_part=3").body()).isEqualTo(get(INDEX).body());
  }

  @Test
  void aPartBelowTheFirstIsNotWaitedFor() throws Exception {
    MediaPlaylist list = watched(9_000);
    var bad = server.ask("/live/demo/abc/" + (list.nextMsn() + 1) + ".-1.m4s");
    assertThat(get(bad).statusCode()).isEqualTo(404);
  }

  @Test
  void anAnswerThatFailsDoesNotHoldUpThoseWhoWaitBehindIt() throws Exception {
    MediaPlaylist list = watched(9_000);
    HlsStream stream = Objects.requireNonNull(server.streams.request(demo()));
    CompletableFuture<String> told = new CompletableFuture<>();
    AtomicBoolean fails = new AtomicBoolean();
    for (EventLoop loop : List.of(server.loops.next(), server.loops.next())) {
      Waiter waiter = new FailsLater(fails, told);
      loop.submit(() -> stream.await(waiter, loop, HERE, Long.MAX_VALUE / 4)).sync();
    }
    var waits = server.ask(INDEX + "?_HLS_msn=" + list.nextMsn());
    awaitWaiting(3);
    fails.set(true);
    HlsServer.feed(sink, encoder.next(4_000));
    assertThat(get(waits).statusCode()).isEqualTo(200);
    assertThat(get(told)).isEqualTo("late");
    awaitWaiting(0);
  }

  /** Fails when it looks again once it is told to. */
  private static final class FailsLater implements Waiter {
    private final AtomicBoolean fails;
    private final CompletableFuture<String> told;

    FailsLater(AtomicBoolean fails, CompletableFuture<String> told) {
      this.fails = fails;
      this.told = told;
    }

    @Override
    public boolean look(@Nullable HlsState state, HlsStream.Standing standing) {
      if (fails.get()) {
        throw new IllegalStateException("as a fault of ours would");
      }
      return false;
    }

    @Override
    public void late() {
      told.complete("late");
    }

    @Override
    public boolean gone() {
      return false;
    }
  }

  @Test
  void thoseWhoWaitTooLongAreToldToComeAgain() throws Exception {
    MediaPlaylist list = watched(9_000);
    var waits = server.ask(INDEX + "?_HLS_msn=" + (list.lastMsn() + 2));
    awaitWaiting(1);
    server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(7));
    assertThat(get(waits).statusCode()).isEqualTo(503);
    assertThat(get(waits).headers().firstValue("Retry-After")).hasValue("1");
    awaitWaiting(0);
  }

  @Test
  void whoGoesAwayIsNotWaitedFor() throws Exception {
    MediaPlaylist list = watched(9_000);
    try (Socket socket = new Socket("127.0.0.1", server.uri("/").getPort())) {
      String ask = "GET " + INDEX + "?_HLS_msn=" + list.nextMsn() + " HTTP/1.1\r\nHost: a\r\n\r\n";
      socket.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
      awaitWaiting(1);
    }
    HlsServer.feed(sink, encoder.next(4_000));
    awaitWaiting(0);
  }

  /**
   * A connection on which two requests are sent at once; the second is looked at after the first.
   */
  private Socket pipelined(String one, String two) throws Exception {
    Socket socket = new Socket("127.0.0.1", server.uri("/").getPort());
    String ask = "GET %s HTTP/1.1\r\nHost: a\r\n\r\n";
    String both = ask.formatted(one) + ask.formatted(two);
    socket.getOutputStream().write(both.getBytes(StandardCharsets.US_ASCII));
    awaitWaiting(1);
    return socket;
  }

  @Test
  void whoAsksAgainOnTheSameConnectionWaitsAgainAndCountsOnce() throws Exception {
    MediaPlaylist list = watched(9_000);
    String next = INDEX + "?_HLS_msn=";
    try (Socket socket = pipelined(next + list.nextMsn(), next + (list.nextMsn() + 2))) {
      HlsServer.feed(sink, encoder.next(2_000));
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
      assertThat(in.readLine()).isEqualTo("HTTP/1.1 200 OK");
      awaitWaiting(1);
      HlsServer.feed(sink, encoder.next(6_000));
      assertThat(in.lines().filter(line -> line.startsWith("HTTP/1.1 ")).findFirst())
          .hasValue("HTTP/1.1 200 OK");
    }
    awaitWaiting(0);
  }

  @Test
  void whoWaitedTooLongAndAsksAgainIsToldSoAgain() throws Exception {
    MediaPlaylist list = watched(9_000);
    String far = INDEX + "?_HLS_msn=" + (list.lastMsn() + 2);
    try (Socket socket = pipelined(far, far)) {
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
      CompletableFuture<Long> both =
          CompletableFuture.supplyAsync(
              () -> in.lines().filter(line -> line.contains("HTTP/1.1 503 ")).limit(2).count());
      Await.until(
          "both are told",
          () -> {
            server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            return both.isDone();
          });
    }
    awaitWaiting(0);
  }

  @Test
  void moreThanMayWaitAreTurnedAway() throws Exception {
    stop();
    HlsConfig few =
        new HlsConfig(
            HlsConfig.defaults().window(),
            HlsConfig.defaults().memory(),
            HlsConfig.defaults().idle(),
            HlsConfig.defaults().linger(),
            100,
            2);
    server = new HlsServer(null, few);
    sink = server.open("demo");
    MediaPlaylist list = watched(9_000);
    String next = INDEX + "?_HLS_msn=" + list.nextMsn();
    var one = server.ask(next);
    var two = server.ask(next);
    awaitWaiting(2);
    assertThat(get(next).statusCode()).isEqualTo(503);
    HlsServer.feed(sink, encoder.next(4000));
    assertThat(get(one).statusCode()).isEqualTo(200);
    assertThat(get(two).statusCode()).isEqualTo(200);
  }
}
