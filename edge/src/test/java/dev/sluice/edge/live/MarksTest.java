package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.stream.EndReason;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where the origin cuts a stream, and what an edge has of it. */
@ExtendWith(LeakCheck.class)
class MarksTest {
  private static final String KEY = "live/a";

  private Node origin;
  private Node edge;
  private CutLog atOrigin;
  private CutLog atEdge;

  @BeforeEach
  void start() {
    origin = Node.origin();
    edge = Node.edge(Configs.relay(origin.address()));
    atOrigin = CutLog.of(origin);
    atEdge = CutLog.of(edge);
  }

  @AfterEach
  void stop() {
    edge.close();
    origin.close();
  }

  /** Until the edge has all that the origin has. */
  private void awaitEdge() {
    Await.until("the newest tag", () -> atEdge.newestMs() == atOrigin.newestMs());
  }

  private static List<SegmentMark> from(List<SegmentMark> marks, SegmentMark first) {
    assertThat(marks).contains(first);
    return marks.subList(marks.indexOf(first), marks.size());
  }

  @Test
  void anEdgeHasTheOriginsMarksAndThePartsBetweenThem() throws Exception {
    Feed feed = Feed.startWithSound(origin, KEY, 0);
    feed.frames(10);
    Player player = Player.play(edge, KEY);
    player.awaitFrame(9);
    feed.frames(400);
    player.awaitFrame(409);
    awaitEdge();
    assertThat(atOrigin.marks()).hasSizeGreaterThan(35);
    assertThat(atEdge.marks()).isEqualTo(atOrigin.marks());
    assertThat(atOrigin.torn()).isEmpty();
    assertThat(atEdge.torn()).isEmpty();
    assertThat(atEdge.whole()).isEqualTo(atOrigin.whole()).hasSizeGreaterThan(35);
    assertThat(atEdge.last().targetMs()).isEqualTo(2000);
    assertThat(origin.stream(KEY).segmentsFrom()).isEqualTo("here");
    assertThat(edge.stream(KEY).segmentsFrom()).isEqualTo("upstream");
    assertThat(edge.zeroWallMs(KEY))
        .as("the date of a picture is the same wherever it is seen")
        .isEqualTo(origin.zeroWallMs(KEY))
        .hasValue(atOrigin.last().wallZeroMs());
  }

  @Test
  void anEdgeThatJoinsLateHasTheMarkInForceAndWholePartsFromTheNextOn() throws Exception {
    Feed feed = Feed.startWithSound(origin, KEY, 0);
    feed.frames(190); // 7.56 s: the last keyframe is at 7 s, in the middle of a segment
    Player player = Player.play(edge, KEY);
    player.awaitFrame(189);
    feed.frames(100);
    player.awaitFrame(289);
    awaitEdge();
    SegmentMark inForce = atEdge.marks().getFirst();
    assertThat(inForce.timeMs()).as("the part with the keyframe").isBetween(6600L, 7000L);
    assertThat(atEdge.marks()).isEqualTo(from(atOrigin.marks(), inForce));
    assertThat(atEdge.torn()).hasSizeLessThanOrEqualTo(1);
    assertThat(atEdge.whole()).hasSizeGreaterThan(8).isSubsetOf(atOrigin.whole());
  }

  @Test
  void aCutLinkCostsNoMarkAndNoPart() throws Exception {
    Feed feed = Feed.startWithSound(origin, KEY, 0);
    feed.frames(55);
    Player player = Player.play(edge, KEY);
    player.awaitFrame(54);
    origin.restartRtmp();
    feed.frames(10);
    player.awaitFrame(64);
    feed.frames(100);
    player.awaitFrame(164);
    awaitEdge();
    player.assertWithoutSeam();
    assertThat(atEdge.marks()).isEqualTo(from(atOrigin.marks(), atEdge.marks().getFirst()));
    assertThat(atEdge.torn()).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void aPublisherThatComesBackBeginsAnotherStretchOfTheSameIncarnation() throws Exception {
    Feed feed = Feed.startWithSound(origin, KEY, 0);
    feed.frames(10);
    Player player = Player.play(edge, KEY);
    player.awaitFrame(9);
    feed.frames(50);
    player.awaitFrame(59);
    feed.breakFor(Duration.ofSeconds(300));
    Await.until("the end of the stretch", () -> atEdge.last().endsStretch());
    long incarnation = atEdge.last().incarnation();
    Feed again = Feed.startWithSound(origin, KEY, 0);
    again.frames(120);
    Await.until("another stretch", () -> atEdge.newestMs() > 7000);
    awaitEdge();
    assertThat(atEdge.marks()).isEqualTo(atOrigin.marks());
    assertThat(atEdge.torn()).isEmpty();
    assertThat(atEdge.whole()).isEqualTo(atOrigin.whole());
    assertThat(atEdge.last().incarnation()).isEqualTo(incarnation);
    assertThat(atEdge.marks().stream().filter(SegmentMark::discontinuous)).hasSize(1);
  }

  @Test
  void aStreamThatEndsAndBeginsAnewIsAnotherIncarnationWithGreaterNumbers() throws Exception {
    Feed feed = Feed.startWithSound(origin, KEY, 0);
    feed.frames(300);
    feed.close(EndReason.STOPPED);
    Await.until("the end", () -> origin.hub().streams().isEmpty());
    SegmentMark last = atOrigin.last();
    assertThat(last.endsStretch()).isTrue();
    Feed.startWithSound(origin, KEY, 0).frames(10);
    SegmentMark first = atOrigin.last();
    assertThat(first.incarnation()).isNotEqualTo(last.incarnation());
    assertThat(first.msn()).isGreaterThanOrEqualTo(last.msn());
    assertThat(first.discontinuity()).isGreaterThanOrEqualTo(last.discontinuity());
  }

  @Test
  void twinOriginsAreTwoIncarnations() throws Exception {
    Node twin = Node.origin();
    CutLog atTwin = CutLog.of(twin);
    edge.close();
    edge = Node.edge(Configs.relay(origin.address(), twin.address()).withStandby(Standby.PULLED));
    atEdge = CutLog.of(edge);
    Feed first = Feed.startWithSound(origin, KEY, 0);
    Feed second = Feed.startWithSound(twin, KEY, 0);
    first.frames(30);
    second.frames(30);
    Player player = Player.play(edge, KEY);
    player.awaitFrame(29);
    Await.until("a standby", () -> edge.meters().scrape().contains("sluice_relay_standbys 1"));
    first.frames(40);
    second.frames(40);
    player.awaitFrame(69);
    boolean fromFirst = edge.stream(KEY).publisher().equals("rtmp://" + origin.address());
    (fromFirst ? origin : twin).stopRtmp();
    first.frames(100);
    second.frames(100);
    player.awaitFrame(169);
    CutLog active = fromFirst ? atOrigin : atTwin;
    CutLog other = fromFirst ? atTwin : atOrigin;
    Await.until("all", () -> atEdge.last().equals(other.last()));
    long incarnation = active.last().incarnation();
    assertThat(other.last().incarnation()).isNotEqualTo(incarnation);
    List<SegmentMark> own =
        atEdge.marks().stream().filter(m -> m.incarnation() == incarnation).toList();
    List<SegmentMark> rest =
        atEdge.marks().stream().filter(m -> m.incarnation() != incarnation).toList();
    assertThat(atEdge.marks()).as("one after the other").startsWith(own.getFirst());
    assertThat(active.marks()).containsAll(own);
    assertThat(rest).isEqualTo(from(other.marks(), rest.getFirst()));
    assertThat(atEdge.torn()).as("where the joint is").hasSizeLessThanOrEqualTo(2);
    assertThat(atEdge.whole()).containsAll(other.whole().subList(8, other.whole().size()));
    twin.close();
  }

  @Test
  void onlyNodesGetMarks() throws Exception {
    Feed feed = Feed.startWithSound(origin, KEY, 0);
    feed.frames(60);
    Player node = Player.play(origin, KEY, "via=other");
    Player viewer = Player.play(origin, KEY);
    node.awaitFrame(59);
    viewer.awaitFrame(59);
    feed.frames(60);
    node.awaitFrame(119);
    viewer.awaitFrame(119);
    assertThat(node.marks()).isPositive();
    assertThat(viewer.marks()).isZero();
  }
}
