package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.live.StreamSource;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Edges that take streams from edges, and edges that would take them from each other. */
@ExtendWith(LeakCheck.class)
class TiersTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final List<Node> edges = new ArrayList<>();
  private Node origin;

  @BeforeEach
  void start() throws Exception {
    origin = Node.origin();
  }

  @AfterEach
  void stop() {
    edges.forEach(Node::close);
    origin.close();
  }

  private Node edge(String id) {
    Node edge = Node.edge(id);
    edges.add(edge);
    return edge;
  }

  private RelayConfig fromOrigin() {
    return Configs.relay(origin.address());
  }

  @Test
  void aParentIsAskedBeforeTheOrigin() throws Exception {
    Node parent = edge("parent");
    parent.pull(fromOrigin());
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    for (String id : List.of("eu-1", "eu-2", "eu-3")) {
      Node edge = edge(id);
      edge.pull(fromOrigin().below(List.of(parent.address())));
      Player.play(edge, "live/a").awaitFrame(29);
      assertThat(edge.stream("live/a").publisher()).isEqualTo("rtmp://" + parent.address());
      assertThat(edge.stream("live/a").publisherDetail()).startsWith("parent, only");
    }
    assertThat(origin.hub().viewers()).as("pulls from the origin").isEqualTo(1);
    assertThat(parent.hub().viewers()).isEqualTo(3);
  }

  @Test
  void aParentThatServesSignedUrlsOnlyIsShownAToken() throws Exception {
    Node parent = edge("parent");
    parent.requireToken("good");
    parent.pull(fromOrigin());
    Feed.start(origin, "live/a").frames(30);
    Node edge = edge("eu-1");
    edge.shows("token=good");
    edge.pull(fromOrigin().below(List.of(parent.address())));
    Player.play(edge, "live/a").awaitFrame(29);
    assertThat(edge.stream("live/a").publisherDetail()).startsWith("parent");
    Node stranger = edge("eu-2");
    stranger.shows("token=wrong");
    stranger.pull(fromOrigin().below(List.of(parent.address())));
    Player.play(stranger, "live/a").awaitFrame(29);
    assertThat(stranger.stream("live/a").publisherDetail()).startsWith("origin");
    assertThat(stranger.relay().upstreams().getFirst().state()).as("it answers").isEqualTo("up");
  }

  @Test
  void theOriginIsAskedWhenTheParentIsDown() throws Exception {
    Node parent = edge("parent");
    parent.pull(fromOrigin());
    Node edge = edge("eu-1");
    edge.pull(fromOrigin().below(List.of(parent.address())));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    parent.stopRtmp();
    feed.frames(10);
    player.awaitFrame(39);
    feed.frames(20);
    player.awaitFrame(59);
    player.assertWithoutSeam();
    assertThat(edge.stream("live/a").publisher()).isEqualTo("rtmp://" + origin.address());
    Feed.start(origin, "live/b").frames(30);
    Player.play(edge, "live/b").awaitFrame(29);
    UpstreamStatus status = edge.relay().upstreams().getFirst();
    assertThat(status.state()).isEqualTo("failing");
    assertThat(status.tier()).isEqualTo("parent");
  }

  @Test
  void whatAParentDoesNotFindIsNotWaitedForAgainAtTheOrigin() throws Exception {
    Node parent = edge("parent");
    parent.pull(fromOrigin());
    Node edge = edge("eu-1");
    edge.pull(fromOrigin().below(List.of(parent.address())));
    Player player = Player.play(edge, "live/never");
    Await.until(SOON, "told", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind()).isEqualTo(ClientEnd.Kind.NOT_FOUND);
    assertThat(edge.meters().scrape())
        .as("asked the parent, and nobody else")
        .contains("sluice_relay_pull_ends_total{reason=\"not_found\"} 1")
        .contains("sluice_relay_stream_ends_total{reason=\"not_found\"} 1");
  }

  @Test
  void twoEdgesThatNameEachOtherBothGetTheStream() throws Exception {
    Node one = edge("one");
    Node two = edge("two");
    one.pull(fromOrigin().below(List.of(two.address())));
    two.pull(fromOrigin().below(List.of(one.address())));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    Player atOne = Player.play(one, "live/a");
    Player atTwo = Player.play(two, "live/a");
    atOne.awaitFrame(29);
    atTwo.awaitFrame(29);
    feed.frames(30);
    atOne.awaitFrame(59);
    atTwo.awaitFrame(59);
    atOne.assertWithoutSeam();
    atTwo.assertWithoutSeam();
    assertThat(origin.hub().viewers()).isBetween(1, 2);
  }

  @Test
  void threeEdgesInACircleAllGetTheStreamAndKeepIt() throws Exception {
    Node one = edge("one");
    Node two = edge("two");
    Node three = edge("three");
    one.pull(fromOrigin().below(List.of(two.address())));
    two.pull(fromOrigin().below(List.of(three.address())));
    three.pull(fromOrigin().below(List.of(one.address())));
    Feed feed = Feed.start(origin, "live/a");
    feed.frames(30);
    List<Player> players = new ArrayList<>();
    for (Node edge : edges) {
      players.add(Player.play(edge, "live/a"));
      players.getLast().awaitFrame(29);
    }
    origin.restartRtmp();
    feed.frames(10);
    for (Player player : players) {
      player.awaitFrame(39);
    }
    feed.frames(20);
    for (Player player : players) {
      player.awaitFrame(59);
      player.assertWithoutSeam();
    }
  }

  @Test
  void anEdgeThatNamesItselfAsksTheOrigin() throws Exception {
    Node edge = edge("eu-1");
    edge.pull(fromOrigin().below(List.of(edge.address())));
    Feed.start(origin, "live/a").frames(30);
    Player.play(edge, "live/a").awaitFrame(29);
    assertThat(edge.stream("live/a").publisher()).isEqualTo("rtmp://" + origin.address());
    assertThat(edge.meters().scrape()).contains("sluice_relay_loops_total 1");
  }

  @Test
  void aRequestThatHasBeenHereIsRefusedWithTheReason() throws Exception {
    Node edge = edge("eu-1");
    edge.pull(fromOrigin());
    Player player = Player.play(edge, "live/a", "via=eu-1,us-1");
    Await.until(SOON, "refused", () -> player.end() != null);
    ClientEnd end = Objects.requireNonNull(player.end());
    assertThat(end.kind()).isEqualTo(ClientEnd.Kind.LOOP);
    assertThat(end.detail()).contains("Circle", "eu-1", "us-1", "relay.parents");
    assertThat(edge.relay().streams()).isZero();
  }

  @Test
  void anOriginThatRefusesIsNotTakenForOneThatIsDown() throws Exception {
    origin.hub().source(refusing(EndReason.UPSTREAM_REFUSED));
    Node edge = edge("eu-1");
    edge.pull(fromOrigin());
    Player player = Player.play(edge, "live/a");
    Await.until(Duration.ofSeconds(10), "told before the hold time", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind()).isEqualTo(ClientEnd.Kind.REFUSED);
    assertThat(edge.meters().scrape())
        .contains("sluice_relay_stream_ends_total{reason=\"upstream_refused\"} 1");
    assertThat(edge.relay().upstreams().getFirst().state()).isEqualTo("up");
  }

  @Test
  void anOriginThatCannotGiveTheStreamNowIsAskedAgain() throws Exception {
    origin.hub().source(refusing(EndReason.UPSTREAM_LOST));
    Node edge = edge("eu-1");
    edge.pull(fromOrigin());
    Player player = Player.play(edge, "live/a");
    Await.until(
        SOON,
        "asked twice",
        () -> edge.meters().scrape().contains("pull_ends_total{reason=\"unavailable\"} 2"));
    Feed.start(origin, "live/a").frames(30);
    player.awaitFrame(29);
  }

  private StreamSource refusing(EndReason reason) {
    return new StreamSource() {
      @Override
      public void wanted(StreamKey key) {
        origin.hub().refuse(key, reason);
      }

      @Override
      public String detectLoop(StreamKey key, List<String> via) {
        return "";
      }

      @Override
      public void unwanted(StreamKey key) {}
    };
  }
}
