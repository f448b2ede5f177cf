package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two origins that get the same encoder's stream, the second from two seconds later on. */
@ExtendWith(LeakCheck.class)
class StandbyTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private Node early;
  private Node late;
  private Node edge;
  private Feed toEarly;
  private Feed toLate;

  @BeforeEach
  void start() throws Exception {
    early = Node.origin();
    late = Node.origin();
    toEarly = Feed.start(early, "live/a");
    toLate = Feed.startAt(late, "live/a", 50);
    toEarly.frames(60);
    toLate.frames(10);
  }

  @AfterEach
  void stop() {
    edge.close();
    early.close();
    late.close();
  }

  private Player playWith(Standby standby) throws Exception {
    edge = Node.edge(Configs.relay(early.address(), late.address()).withStandby(standby));
    Player player = Player.play(edge, "live/a");
    player.awaitFrame(59);
    return player;
  }

  private boolean earlyIsActive() {
    return edge.stream("live/a").publisher().equals("rtmp://" + early.address());
  }

  private void killActive() {
    (earlyIsActive() ? early : late).stopRtmp();
  }

  private void awaitStandby() {
    Await.until(
        SOON,
        "a standby",
        () -> {
          int both = early.hub().viewers() + late.hub().viewers();
          return both == 2 && edge.meters().scrape().contains("sluice_relay_standbys 1");
        });
  }

  private void both(int frames) throws Exception {
    toEarly.frames(frames);
    toLate.frames(frames);
  }

  @Test
  void noFrameIsLostOrShownTwiceWhenTheOriginDies() throws Exception {
    Player player = playWith(Standby.PULLED);
    awaitStandby();
    both(30);
    player.awaitFrame(89);
    assertThat(edge.stream("live/a").publisherDetail()).contains("origin", "standby 127.0.0.1:");
    killActive();
    both(40);
    player.awaitFrame(129);
    player.assertWithoutSeam();
    assertThat(edge.meters().scrape())
        .contains(
            "sluice_relay_splices_total{clock=\"same\"} 1",
            "sluice_relay_choices_total{why=\"standby\"} 1");
  }

  @Test
  void whatOnlyTheStandbyHadIsShownToo() throws Exception {
    Player player = playWith(Standby.PULLED);
    awaitStandby();
    both(10);
    player.awaitFrame(69);
    Feed ahead = earlyIsActive() ? toLate : toEarly;
    Feed behind = earlyIsActive() ? toEarly : toLate;
    ahead.frames(20); // a keyframe among them that the one that dies never gave
    killActive();
    player.awaitFrame(89);
    behind.frames(20);
    both(10);
    player.awaitFrame(99);
    player.assertWithoutSeam();
  }

  @Test
  void aSourceThatFallsSilentIsLeftWhenTheStandbyIsNot() throws Exception {
    Player player = playWith(Standby.PULLED);
    awaitStandby();
    both(10);
    player.awaitFrame(69);
    Feed other = earlyIsActive() ? toLate : toEarly;
    keepSending(other, "sluice_relay_choices_total{why=\"standby\"} 1");
    other.frames(5);
    player.awaitFrame(75);
    player.assertWithoutSeam();
  }

  @Test
  void aConnectionThatStandsByIsAskedWhenTheOriginDies() throws Exception {
    Player player = playWith(Standby.CONNECTED);
    Await.until(
        SOON, "connected", () -> edge.meters().scrape().contains("sluice_relay_standbys 1"));
    assertThat(early.hub().viewers() + late.hub().viewers()).as("not pulled").isEqualTo(1);
    both(10);
    player.awaitFrame(69);
    killActive();
    both(5); // the GOP is not over when the other is asked
    player.awaitFrame(74);
    both(35);
    player.awaitFrame(109);
    player.assertWithoutSeam();
  }

  @Test
  void withoutAStandbyTheTwinIsFoundAndTheClockGoesOn() throws Exception {
    Player player = playWith(Standby.OFF);
    both(10);
    player.awaitFrame(69);
    killActive();
    both(5); // the GOP is not over when the other is asked
    player.awaitFrame(74);
    both(35);
    player.awaitFrame(109);
    player.assertWithoutSeam();
  }

  @Test
  void aStreamThatGoesOnAtAnotherOriginIsFoundThereWhileTheFirstIsOnlySilent() throws Exception {
    Player player = playWith(Standby.OFF);
    both(10);
    player.awaitFrame(69);
    assertThat(early.hub().viewers() + late.hub().viewers()).as("one pull").isEqualTo(1);
    Feed other = earlyIsActive() ? toLate : toEarly;
    keepSending(other, "sluice_relay_choices_total{why=\"standby\"} 1");
    other.frames(6); // however few it took
    player.awaitFrame(75);
    assertThat(player.frames()).as("nothing is shown twice").isSorted().doesNotHaveDuplicates();
    assertThat(player.end()).isNull();
  }

  @Test
  void aStandingConnectionIsAskedWhileTheFirstIsOnlySilent() throws Exception {
    Player player = playWith(Standby.CONNECTED);
    Await.until(
        SOON, "connected", () -> edge.meters().scrape().contains("sluice_relay_standbys 1"));
    both(10);
    player.awaitFrame(69);
    Feed other = earlyIsActive() ? toLate : toEarly;
    keepSending(other, "sluice_relay_choices_total{why=\"standby\"} 1");
    other.frames(6); // however few it took
    player.awaitFrame(75);
    assertThat(player.frames()).as("nothing is shown twice").isSorted().doesNotHaveDuplicates();
    assertThat(player.end()).isNull();
  }

  @Test
  void whatAnotherOriginKeptOfAStreamThatStoppedIsNotShown() throws Exception {
    Player player = playWith(Standby.OFF);
    both(10);
    player.awaitFrame(69);
    String active = edge.stream("live/a").publisher();
    awaitStandby(); // both are silent now, and the other has given what it kept
    Feed first = earlyIsActive() ? toEarly : toLate;
    first.frames(5);
    player.awaitFrame(74);
    Await.until(SOON, "one pull again", () -> early.hub().viewers() + late.hub().viewers() == 1);
    assertThat(edge.stream("live/a").publisher()).isEqualTo(active);
    player.assertWithoutSeam();
  }

  private void keepSending(Feed feed, String untilMeter) {
    Await.until(
        SOON,
        untilMeter,
        () -> {
          try {
            feed.frames(1);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          return edge.meters().scrape().contains(untilMeter);
        });
  }
}
