package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.media.rtmp.client.ClientEnd;
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

/** An encoder publishes at an edge, which hands it on to one of two origins. */
@ExtendWith(LeakCheck.class)
class PushForwardTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final List<Node> edges = new ArrayList<>();
  private Node first;
  private Node second;

  @BeforeEach
  void start() throws Exception {
    first = Node.origin("secret");
    second = Node.origin("secret");
  }

  @AfterEach
  void stop() {
    edges.forEach(Node::close);
    first.close();
    second.close();
  }

  private Node edge(Duration hold, long bufferBytes) {
    List<HostPort> origins = List.of(first.address(), second.address());
    IngestConfig ingest =
        new IngestConfig(origins, hold, new ByteSize(bufferBytes), ByteSize.ofMiB(8), 10);
    Node edge = Node.ingest("eu-1", ingest, Configs.relay(origins.toArray(HostPort[]::new)));
    edges.add(edge);
    return edge;
  }

  private Node holder() {
    return first.hub().streams().isEmpty() ? second : first;
  }

  private Node other() {
    return holder() == first ? second : first;
  }

  private Encoder publishing(Node edge) throws Exception {
    return Encoder.publish(edge, "live/a?key=secret").awaitReady();
  }

  @Test
  void viewersOfTheEdgeGetWhatIsPublishedThereByWayOfTheOrigin() throws Exception {
    Node edge = edge(Duration.ofSeconds(15), 1 << 20);
    Encoder encoder = publishing(edge);
    encoder.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    encoder.frames(30);
    player.awaitFrame(59);
    player.assertWithoutSeam();
    assertThat(holder().stream("live/a").kind()).isEqualTo("encoder");
    assertThat(edge.stream("live/a").kind()).isEqualTo("relay");
    encoder.close();
    Await.until(SOON, "the end", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind()).isEqualTo(ClientEnd.Kind.ENDED);
  }

  @Test
  void aPublisherKickedAtTheEdgeIsEndedThereAndAtTheOriginAtOnce() throws Exception {
    Node edge = edge(Duration.ofSeconds(15), 1 << 20);
    Encoder encoder = publishing(edge);
    encoder.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    assertThat(edge.forward().kick(new StreamKey("live", "b"))).isFalse();
    assertThat(edge.forward().kick(new StreamKey("live", "a"))).isTrue();
    assertThat(encoder.awaitEnd().detail()).isEqualTo("an operator has ended this publication");
    Await.until(SOON, "the end", () -> player.end() != null);
    assertThat(Objects.requireNonNull(player.end()).kind())
        .as("the origin does not wait for the publisher")
        .isEqualTo(ClientEnd.Kind.ENDED);
  }

  @Test
  void theOriginDecidesAndItsWordsReachTheEncoder() throws Exception {
    Node edge = edge(Duration.ofSeconds(15), 1 << 20);
    ClientEnd end = Encoder.publish(edge, "live/a?key=wr%26ong").awaitEnd();
    assertThat(end.kind()).isEqualTo(ClientEnd.Kind.REFUSED);
    assertThat(end.code()).isEqualTo("NetStream.Publish.Denied");
    assertThat(end.detail()).isEqualTo("wr&ong is not the key");
    assertThat(edge.forward().upstreams()).extracting(UpstreamStatus::failures).containsOnly(0);
  }

  @Test
  void theEncoderAndTheViewersStayWhenTheOriginDies() throws Exception {
    Node edge = edge(Duration.ofSeconds(15), 1 << 20);
    Encoder encoder = publishing(edge);
    encoder.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    Node next = other();
    holder().stopRtmp();
    encoder.frames(10);
    player.awaitFrame(39);
    encoder.frames(60);
    player.awaitFrame(99);
    player.assertWithoutSeam();
    assertThat(encoder.end()).isNull();
    assertThat(next.stream("live/a").kind()).isEqualTo("encoder");
    assertThat(edge.meters().scrape()).contains("sluice_forward_reconnects_total 1");
  }

  @Test
  void whileNoOriginCanBeReachedOnlySoMuchIsKeptAndItBeginsWithAKeyframe() throws Exception {
    Node edge = edge(Duration.ofSeconds(60), 100_000);
    Encoder encoder = publishing(edge);
    encoder.frames(30);
    Node back = holder();
    other().stopRtmp();
    holder().stopRtmp();
    Await.until(
        SOON,
        "frames are left out",
        () -> {
          encoder.sendOn(25, 1000);
          assertThat(meter(edge, "sluice_forward_buffered_bytes")).isLessThanOrEqualTo(100_000);
          return meter(edge, "sluice_forward_dropped_tags_total") > 200;
        });
    assertThat(encoder.end()).isNull();
    back.startRtmp();
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(encoder.sent() - 1);
    List<Integer> frames = player.frames();
    for (int i = 1; i < frames.size(); i++) {
      int frame = frames.get(i);
      assertThat(frame == frames.get(i - 1) + 1 || frame % 25 == 0).as("frame " + frame).isTrue();
    }
  }

  private static int meter(Node edge, String name) {
    return edge.meters()
        .scrape()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theEncoderIsToldWhenNoOriginComesBack() throws Exception {
    Node edge = edge(Duration.ofSeconds(1), 1 << 20);
    Encoder encoder = publishing(edge);
    encoder.frames(30);
    other().stopRtmp();
    holder().stopRtmp();
    ClientEnd end = encoder.awaitEnd();
    assertThat(end.detail()).contains("no origin could be reached for 1 s");
    ClientEnd atOnce = Encoder.publish(edge, "live/b?key=secret").awaitEnd();
    assertThat(atOnce.detail()).contains("no origin could be reached");
    Await.until(SOON, "nothing is kept", () -> meter(edge, "sluice_forward_buffered_bytes") == 0);
  }

  @Test
  void anEncoderThatComesBackThroughTheEdgeTakesOver() throws Exception {
    Node edge = edge(Duration.ofSeconds(15), 1 << 20);
    Encoder old = publishing(edge);
    old.frames(30);
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(29);
    Encoder back = publishing(edge); // the old one is silent by then
    back.frames(60);
    player.awaitFrame(59);
    assertThat(old.awaitEnd().detail()).contains("another connection publishes");
    assertThat(player.end()).isNull();
  }

  @Test
  void anEdgeThatHandsOnToItselfSaysSo() throws Exception {
    Node edge = Node.edge("eu-2");
    edges.add(edge);
    edge.forward(IngestConfig.to(List.of(edge.address())), Configs.relay(first.address()));
    ClientEnd end = Encoder.publish(edge, "live/a?key=secret").awaitEnd();
    assertThat(end.detail()).contains("circle of edges", "eu-2", "ingest.forward");
  }
}
