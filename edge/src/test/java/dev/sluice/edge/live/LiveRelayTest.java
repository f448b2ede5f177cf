package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.StreamWant;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Origins and an edge in one process, over real sockets. */
@ExtendWith(LeakCheck.class)
class LiveRelayTest {
  private static final Duration QUIET = Duration.ofMillis(1_500);
  private static final Duration SOON = Duration.ofSeconds(90);

  private Node origin;
  private Node edge;

  @BeforeEach
  void startOrigin() throws Exception {
    origin = Node.origin();
  }

  @AfterEach
  void stop() {
    if (edge != null) {
      edge.close();
    }
    origin.close();
  }

  @Test
  void pullsOnceForAnyNumberOfViewers() throws Exception {
    edge = edge(Duration.ofSeconds(30), Duration.ofSeconds(5));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player[] players = new Player[20];
    for (int i = 0; i < players.length; i++) {
      players[i] = Player.play(edge, "live/a");
    }
    feed.frames(10);
    for (Player player : players) {
      player.awaitFrame(39);
      assertThat(player.frames().getFirst()).as("start of the GOP").isEqualTo(25);
    }
    assertThat(origin.hub().viewers()).isEqualTo(1);
    assertThat(edge.relay().streams()).isEqualTo(1);
    assertThat(edge.stream("live/a").kind()).isEqualTo("relay");
    assertThat(edge.stream("live/a").mediaTimeMs())
        .as("one clock, set at the origin")
        .isEqualTo(origin.stream("live/a").mediaTimeMs());
  }

  @Test
  void pullsAStreamThatIsWantedWithoutAViewer() throws Exception {
    edge = edge(Duration.ZERO, Duration.ofSeconds(5));
    AtomicInteger tags = new AtomicInteger();
    CompletableFuture<EndReason> over = new CompletableFuture<>();
    edge.hub()
        .listen(
            (key, publisher) ->
                new StreamListener.Sink() {
                  @Override
                  public void tag(FlvTag tag) {
                    tags.incrementAndGet();
                  }

                  @Override
                  public void closed(EndReason reason) {
                    over.complete(reason);
                  }
                });
    Queue<EndReason> refused = new ConcurrentLinkedQueue<>();
    try (StreamWant want = edge.hub().want(StreamKey.parse("live/a"), refused::add)) {
      Await.until(SOON, "there is none yet", () -> refused.contains(EndReason.NOT_FOUND));
      Feed feed = Feed.start(origin, "live/a");
      feed.frames(30);
      Await.until(
          SOON,
          "asked again",
          () -> {
            want.ask();
            return edge.relay().streams() == 1 && tags.get() > 0;
          });
      Player player = Player.play(edge, "live/a");
      player.awaitFrame(29);
      player.close();
      Await.until(SOON, "the viewer left", () -> edge.hub().viewers() == 0);
      int before = tags.get();
      feed.frames(10);
      Await.until(SOON, "it goes on without viewers", () -> tags.get() >= before + 10);
      assertThat(over).isNotDone();
    }
    over.get(SOON.toSeconds(), TimeUnit.SECONDS);
    Await.until(SOON, "nothing is pulled", () -> edge.relay().streams() == 0);
  }

  @Test
  void keepsViewersAndTheClockWhenTheUpstreamIsLost() throws Exception {
    edge = edge(Duration.ofSeconds(30), Duration.ofSeconds(15));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    origin.restartRtmp();
    feed.frames(10);
    player.awaitFrame(39);
    feed.frames(20);
    player.awaitFrame(59);
    List<Integer> frames = player.frames();
    for (int i = 1; i < frames.size(); i++) {
      assertThat(frames.get(i)).as("no seam").isEqualTo(frames.get(i - 1) + 1);
    }
    assertThat(player.end()).isNull();
    assertThat(edge.meters().scrape()).contains("sluice_relay_reconnects_total 1");
  }

  @Test
  void tellsViewersWhenNoOriginHasTheStream() throws Exception {
    edge = edge(Duration.ofSeconds(30), Duration.ofSeconds(5));
    Player player = Player.play(edge, "live/none");
    Await.until(SOON, "told", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind()).isEqualTo(ClientEnd.Kind.NOT_FOUND);
    assertThat(edge.relay().streams()).isZero();
    String before;
    int tries = 0;
    do { // on a busy machine what was remembered may be forgotten before the question
      before = attempts();
      Player again = Player.play(edge, "live/none");
      Await.until("told again", () -> again.end() != null);
    } while (!attempts().equals(before) && ++tries < 10);
    assertThat(attempts()).as("told from memory").isEqualTo(before);
  }

  @Test
  void triesTheOtherOriginWhenOneIsDown() throws Exception {
    Node second = Node.origin();
    HostPort down = new HostPort("127.0.0.1", origin.rtmpPort());
    HostPort up = new HostPort("127.0.0.1", second.rtmpPort());
    origin.stopRtmp();
    edge = Node.edge(config(List.of(down, up), Duration.ofSeconds(30), Duration.ofSeconds(8)));
    for (String key : List.of("live/a", "live/b")) {
      Feed feed = Feed.start(second, key);
      feed.frames(30);
      Player player = Player.play(edge, key);
      player.awaitFrame(29);
      feed.close(EndReason.STOPPED);
    }
    edge.close();
    edge = null;
    second.close();
  }

  @Test
  void endsWithTheStream() throws Exception {
    edge = edge(Duration.ofSeconds(30), Duration.ofSeconds(5));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    feed.close(EndReason.STOPPED);
    Await.until(SOON, "told", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind()).isEqualTo(ClientEnd.Kind.ENDED);
    Await.until(SOON, "relay gone", () -> edge.relay().streams() == 0);
  }

  @Test
  void viewersStayWhenTheirOriginGoesDownAndTakeTheStreamFromTheOther() throws Exception {
    Node second = Node.origin();
    try {
      edge =
          Node.edge(
              Configs.relay(
                  new HostPort("127.0.0.1", origin.rtmpPort()),
                  new HostPort("127.0.0.1", second.rtmpPort())));
      Feed one = Feed.start(origin, "live/a");
      Feed other = Feed.start(second, "live/a");
      one.frames(30);
      other.frames(30);
      Player player = Player.play(edge, "live/a");
      player.awaitFrame(29);
      boolean fromFirst = origin.hub().viewers() == 1;
      (fromFirst ? origin : second).hub().close(); // viewers are told "shutdown"
      Feed left = fromFirst ? other : one;
      left.frames(10);
      player.awaitFrame(39);
      player.assertWithoutSeam();
    } finally {
      second.close();
    }
  }

  @Test
  void anEdgeThatIsKickedFromItsOriginComesBackAndItsViewersStay() throws Exception {
    edge = edge(Duration.ofSeconds(30), Duration.ofSeconds(15));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    assertThat(origin.hub().kickViewer(1)).isEqualTo("127.0.0.1");
    Await.until(
        SOON,
        "dropped",
        () ->
            edge.meters()
                .scrape()
                .contains("sluice_relay_pull_ends_total{reason=\"unavailable\"} 1"));
    feed.frames(10);
    player.awaitFrame(39);
    player.assertWithoutSeam();
  }

  @Test
  void aKickedPublisherEndsTheViewersOfEdgesToo() throws Exception {
    edge = edge(Duration.ofSeconds(30), Duration.ofSeconds(15));
    Feed.start(origin, "live/a").frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    assertThat(origin.hub().kick(new StreamKey("live", "a"))).isTrue();
    Await.until(SOON, "told", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind()).isEqualTo(ClientEnd.Kind.ENDED);
  }

  @Test
  void staysWithAnOriginThatWaitsForItsPublisher() throws Exception {
    HostPort only = new HostPort("127.0.0.1", origin.rtmpPort());
    edge = Node.edge(Configs.relay(only).withMediaTimeout(QUIET));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    feed.breakFor(Duration.ofSeconds(5));
    Await.until(Duration.ofSeconds(30), "the hold is over", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind()).isEqualTo(ClientEnd.Kind.ENDED);
    assertThat(edge.meters().scrape())
        .contains("sluice_relay_connects_total 1", "sluice_relay_reconnects_total 0");
  }

  @Test
  void givesUpAfterTheHoldTime() throws Exception {
    edge = edge(Duration.ofSeconds(30), Duration.ofSeconds(1));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    origin.stopRtmp();
    Await.until(SOON, "told", () -> player.end() != null);
    assertThat(edge.meters().scrape())
        .contains("sluice_relay_stream_ends_total{reason=\"upstream_lost\"} 1");
  }

  @Test
  void lingersAfterTheLastViewerAndThenStops() throws Exception {
    edge = edge(Duration.ofSeconds(1), Duration.ofSeconds(5));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    player.close();
    Await.until(SOON, "viewer gone", () -> edge.hub().viewers() == 0);
    assertThat(edge.relay().streams()).as("still pulled").isEqualTo(1);
    Player back = Player.play(edge, "live/a");
    back.awaitFrame(29);
    back.close();
    Await.until(SOON, "not pulled", () -> edge.relay().streams() == 0);
    Await.until(SOON, "no viewer at the origin", () -> origin.hub().viewers() == 0);
  }

  /** How often the edge has connected to an origin. */
  private String attempts() {
    return edge.meters()
        .scrape()
        .lines()
        .filter(line -> line.startsWith("sluice_relay_connects_total"))
        .toList()
        .toString();
  }

  private Node edge(Duration linger, Duration hold) throws Exception {
    return Node.edge(config(List.of(new HostPort("127.0.0.1", origin.rtmpPort())), linger, hold));
  }

  private static RelayConfig config(List<HostPort> origins, Duration linger, Duration hold) {
    return Configs.relay(origins, linger, hold);
  }
}
