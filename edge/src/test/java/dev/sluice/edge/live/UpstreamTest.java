package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.lifecycle.Backoff;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.StreamKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Health, order, admission and answers, in virtual time. */
class UpstreamTest {
  private static final long MS = 1_000_000;
  private static final long START = Long.MAX_VALUE - 5_000 * MS; // a nanoTime about to wrap
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));

  private static Upstream upstream(String host, Upstream.Tier tier) {
    return new Upstream(new HostPort(host, 1935), tier, BACKOFF, 4);
  }

  private static StreamKey key(int i) {
    return new StreamKey("live", "s" + i);
  }

  @Test
  void attemptsThatRanSideBySideAreOneFailure() {
    UpstreamHealth health = UpstreamHealth.UNKNOWN;
    for (int i = 0; i < 50; i++) {
      health = health.failed(START, START + 3 * MS, BACKOFF, 0.5);
    }
    assertThat(health.failures()).isEqualTo(1);
    health = health.failed(START + 4 * MS, START + 5 * MS, BACKOFF, 0.5);
    assertThat(health.failures()).isEqualTo(2);
    assertThat(health.notBeforeNanos() - (START + 5 * MS)).isEqualTo(250 * MS);
    assertThat(health.answered(START + 6 * MS).failing()).isFalse();
  }

  @Test
  void waitsAsLongAsTheRoundTripAsks() {
    Duration most = Duration.ofSeconds(10);
    UpstreamHealth near = UpstreamHealth.UNKNOWN;
    UpstreamHealth far = UpstreamHealth.UNKNOWN;
    assertThat(near.connectTimeout(most)).isEqualTo(most);
    for (int i = 0; i < 20; i++) {
      near = near.connected(MS);
      far = far.connected(400 * MS);
    }
    assertThat(near.connectTimeout(most))
        .isBetween(Duration.ofMillis(1000), Duration.ofMillis(1100));
    assertThat(far.connectTimeout(most))
        .isBetween(Duration.ofMillis(2200), Duration.ofMillis(4000));
    assertThat(far.commandTimeout(most))
        .isBetween(Duration.ofMillis(5000), Duration.ofMillis(9000));
    assertThat(far.connectTimeout(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
    assertThat(near.hedgeDelay()).isLessThan(Duration.ofMillis(300));
    assertThat(far.hedgeDelay()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void parentsComeFirstThenTheHealthiestThenTheNearest() {
    Upstream parent = upstream("parent", Upstream.Tier.PARENT);
    Upstream far = upstream("far", Upstream.Tier.ORIGIN);
    Upstream near = upstream("near", Upstream.Tier.ORIGIN);
    far.noteConnected(200 * MS);
    near.noteConnected(2 * MS);
    Upstreams all = new Upstreams(List.of(far, parent, near));
    List<Upstreams.Choice> order = all.rank(key(1), START);
    assertThat(order).extracting(Upstreams.Choice::upstream).containsExactly(parent, near, far);
    assertThat(order.get(0).why()).isEqualTo(Upstreams.Why.ONLY);
    assertThat(order.get(1).why()).isEqualTo(Upstreams.Why.NEAREST);
    near.noteFailure(START, START + MS);
    order = all.rank(key(1), START + 2 * MS);
    assertThat(order).extracting(Upstreams.Choice::upstream).containsExactly(parent, far, near);
    assertThat(order.get(1).why()).isEqualTo(Upstreams.Why.HEALTHIEST);
    near.noteAnswer(START + 3 * MS);
    assertThat(all.rank(key(1), START + 4 * MS).get(1).upstream()).as("just back").isEqualTo(far);
    long later = START + 300_000 * MS;
    assertThat(all.rank(key(1), later).get(1).upstream()).as("long back").isEqualTo(near);
  }

  @Test
  void equalsShareTheStreamsInTheSameWayOnEveryEdge() {
    Upstream a = upstream("a", Upstream.Tier.ORIGIN);
    Upstream b = upstream("b", Upstream.Tier.ORIGIN);
    int toA = 0;
    for (int i = 0; i < 1000; i++) {
      List<Upstreams.Choice> here = new Upstreams(List.of(a, b)).rank(key(i), START);
      List<Upstreams.Choice> there = new Upstreams(List.of(b, a)).rank(key(i), START);
      assertThat(here.getFirst().upstream()).isEqualTo(there.getFirst().upstream());
      assertThat(here.getFirst().why()).isEqualTo(Upstreams.Why.SHARE);
      toA += here.getFirst().upstream() == a ? 1 : 0;
    }
    assertThat(toA).isBetween(400, 600);
  }

  @Test
  void aCrowdDoesNotRunOverAnUpstreamThatReturns() {
    Upstream origin = upstream("origin", Upstream.Tier.ORIGIN);
    origin.noteBreak(START);
    AtomicInteger woken = new AtomicInteger();
    assertThat(origin.admit(START, () -> {})).as("one attempt").isTrue();
    for (int i = 0; i < 1000; i++) {
      assertThat(origin.admit(START, woken::incrementAndGet)).isFalse();
    }
    origin.noteAnswer(START + MS);
    origin.endAttempt();
    assertThat(woken).as("a few at a time").hasValue(4);
    for (int i = 0; i < 4; i++) {
      assertThat(origin.admit(START + MS, () -> {})).isTrue();
    }
    assertThat(origin.admit(START + MS, () -> {})).isFalse();
    origin.endAttempt();
    assertThat(woken).as("the next as one is done").hasValue(5);
  }

  @Test
  void whoWaitsForAnUpstreamThatFailsIsSentElsewhere() {
    Upstream origin = upstream("origin", Upstream.Tier.ORIGIN);
    origin.noteBreak(START);
    AtomicInteger woken = new AtomicInteger();
    assertThat(origin.admit(START, () -> {})).isTrue();
    for (int i = 0; i < 1000; i++) {
      assertThat(origin.admit(START, woken::incrementAndGet)).isFalse();
    }
    origin.noteFailure(START + MS, START + 2 * MS);
    origin.endAttempt();
    assertThat(woken).hasValue(1000);
    assertThat(origin.health().failures()).isEqualTo(2);
  }

  @Test
  void aNoIsFinalForAStreamThatNeverWasAndSilenceIsNot() {
    Upstream a = upstream("a", Upstream.Tier.ORIGIN);
    Upstream b = upstream("b", Upstream.Tier.ORIGIN);
    List<Upstream> both = List.of(a, b);
    for (ClientEnd.Kind kind : ClientEnd.Kind.values()) {
      UpstreamAnswers answers = new UpstreamAnswers(BACKOFF);
      answers.note(a, ClientEnd.Kind.NOT_FOUND, -1, START, 0.5);
      assertThat(answers.verdict(both)).isEqualTo(UpstreamAnswers.Verdict.ASK_ON);
      answers.note(b, kind, -1, START, 0.5);
      assertThat(answers.verdict(both))
          .as(kind.word())
          .isEqualTo(
              switch (kind) {
                case NOT_FOUND, ENDED -> UpstreamAnswers.Verdict.NOT_FOUND;
                case REFUSED, LOOP -> UpstreamAnswers.Verdict.REFUSED;
                case CONNECT_FAILED, TIMEOUT, LOST, PROTOCOL_ERROR, UNAVAILABLE ->
                    UpstreamAnswers.Verdict.ASK_ON;
              });
    }
  }

  @Test
  void aParentSpeaksForTheOriginsUnlessItRefuses() {
    Upstream parent = upstream("parent", Upstream.Tier.PARENT);
    Upstream origin = upstream("origin", Upstream.Tier.ORIGIN);
    List<Upstream> both = List.of(parent, origin);
    UpstreamAnswers answers = new UpstreamAnswers(BACKOFF);
    answers.note(parent, ClientEnd.Kind.LOOP, -1, START, 0.5);
    assertThat(answers.verdict(both)).isEqualTo(UpstreamAnswers.Verdict.ASK_ON);
    answers.note(origin, ClientEnd.Kind.NOT_FOUND, -1, START, 0.5);
    assertThat(answers.verdict(both)).isEqualTo(UpstreamAnswers.Verdict.NOT_FOUND);
    answers.clear();
    answers.note(parent, ClientEnd.Kind.NOT_FOUND, -1, START, 0.5);
    assertThat(answers.verdict(both)).isEqualTo(UpstreamAnswers.Verdict.NOT_FOUND);
  }

  @Test
  void theWaitGrowsWithEachAnswerOfAKindAndBeginsAnewWithTheStream() {
    Upstream a = upstream("a", Upstream.Tier.ORIGIN);
    UpstreamAnswers answers = new UpstreamAnswers(BACKOFF);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      answers.note(a, ClientEnd.Kind.UNAVAILABLE, -1, START, 1);
      waits.add((answers.notBefore(a, START) - START) / MS);
    }
    assertThat(waits).containsExactly(250L, 500L, 1000L, 2000L, 4000L, 5000L, 5000L);
    answers.note(a, ClientEnd.Kind.LOST, 0, START, 1);
    assertThat(answers.notBefore(a, START)).as("it had the stream").isEqualTo(START);
  }

  @Test
  void oneThatBreaksOffAgainAndAgainIsAskedLaterEachTimeUntilItHoldsForAWhile() {
    Upstream a = upstream("a", Upstream.Tier.ORIGIN);
    UpstreamAnswers answers = new UpstreamAnswers(BACKOFF);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.note(a, ClientEnd.Kind.UNAVAILABLE, 1000 * MS, START, 1);
      waits.add((answers.notBefore(a, START) - START) / MS);
      answers.clear(); // the stream comes again
    }
    assertThat(waits).containsExactly(0L, 250L, 500L, 1000L);
    answers.note(a, ClientEnd.Kind.UNAVAILABLE, UpstreamAnswers.STEADY_NANOS, START, 1);
    assertThat(answers.notBefore(a, START)).as("it held").isEqualTo(START);
  }

  @Test
  void onlyThePublishersEndEndsTheStream() {
    for (ClientEnd.Kind kind : ClientEnd.Kind.values()) {
      assertThat(UpstreamAnswers.endsStream(kind))
          .as(kind.word())
          .isEqualTo(kind == ClientEnd.Kind.ENDED);
    }
  }

  @Test
  void aFloodOfNamesIsBoundedAndForgotten() {
    NegativeCache negativeCache = new NegativeCache(1000 * MS, 100);
    for (int i = 0; i < 100_000; i++) {
      negativeCache.add(key(i), START);
    }
    assertThat(negativeCache.size()).isEqualTo(100);
    assertThat(negativeCache.contains(key(5), START + 999 * MS)).isTrue();
    assertThat(negativeCache.contains(key(99_999), START)).as("asked for again").isFalse();
    long later = START + 2000 * MS;
    assertThat(negativeCache.contains(key(5), later)).isFalse();
    negativeCache.add(key(1_000_000), later);
    assertThat(negativeCache.contains(key(1_000_000), later)).as("room again").isTrue();
    negativeCache.add(key(1_000_001), later);
    assertThat(negativeCache.size()).as("what is over makes room").isEqualTo(2);
  }

  @Test
  void whoeverLooksSecondSeesThatTwoNodesAskEachOther() {
    RelayPath path = new RelayPath("eu-1", List.of());
    assertThat(path.enterUpstream("eu-2")).isTrue();
    assertThat(path.enterAskers(List.of("us-1", "eu-2"))).isEqualTo("eu-2");
    assertThat(path.via()).containsExactly("eu-1");
    path.leaveUpstream("eu-2");
    assertThat(path.enterAskers(List.of("us-1", "eu-2"))).isEmpty();
    assertThat(path.enterUpstream("us-1")).isFalse();
    assertThat(path.enterUpstream("eu-1")).as("itself").isFalse();
    assertThat(path.enterUpstream("")).as("not ours").isTrue();
    Set<String> told = new HashSet<>(path.via());
    assertThat(told).containsExactlyInAnyOrder("us-1", "eu-2", "eu-1");
  }
}
