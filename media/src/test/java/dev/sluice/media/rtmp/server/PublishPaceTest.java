package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RtmpLimitsBuilder;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class PublishPaceTest {
  private @Nullable LiveServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static long nanos(double ms) {
    return (long) (ms * 1_000_000);
  }

  @Test
  void mediaAsFastAsTheClockIsNeverHeldUp() {
    PublishPace pace = new PublishPace(1000);
    for (long ms = 0; ms < 3_600_000; ms += 40) {
      assertThat(pace.pauseMs(ms, nanos(ms))).isZero();
      assertThat(pace.pauseMs(ms - 20, nanos(ms))).isZero(); // the other track
    }
  }

  @Test
  void aClockThatRunsHalfAPercentFastIsForgiven() {
    PublishPace pace = new PublishPace(1000);
    for (long ms = 0; ms < 24 * 3_600_000; ms += 40) {
      assertThat(pace.pauseMs(ms, nanos(ms / 1.005))).isZero();
    }
  }

  @Test
  void afterItsLeadMediaIsTakenAsFastAsItPlays() {
    PublishPace pace = new PublishPace(1000);
    double nowMs = 0;
    for (long ms = 0; ms < 60_000; ms += 40) {
      nowMs += 0.1 + pace.pauseMs(ms, nanos(nowMs));
    }
    assertThat(nowMs).isBetween(57_000.0, 60_000.0);
  }

  @Test
  void anEncoderThatCatchesUpIsNotSlowedDown() {
    PublishPace pace = new PublishPace(1000);
    for (long ms = 0; ms < 60_000; ms += 40) {
      assertThat(pace.pauseMs(ms, nanos(ms))).isZero();
    }
    for (long ms = 60_000; ms < 80_000; ms += 40) {
      assertThat(pace.pauseMs(ms, nanos(80_000))).isZero(); // held up for 20 s
    }
  }

  @Test
  void timesThatJumpOrGoBackStopNothing() {
    PublishPace pace = new PublishPace(1000);
    long now = 0;
    for (int i = 0; i < 1000; i++) {
      now += nanos(40);
      assertThat(pace.pauseMs(i % 2 == 0 ? 4_294_967_000L : 0, now)).isZero();
    }
  }

  @Test
  void withoutALimitNothingIsHeldUp() {
    PublishPace pace = new PublishPace(0);
    for (long ms = 0; ms < 100_000; ms += 40) {
      assertThat(pace.pauseMs(ms, 0)).isZero();
    }
  }

  @Test
  void aPublisherFasterThanRealTimeIsHeldBackByItsOwnLine() throws Exception {
    LiveServer to = LiveServer.start(1, new RtmpLimitsBuilder().publishLead(Duration.ofSeconds(1)));
    server = to;
    TestPublisher publisher = TestPublisher.start(to, "live/a");
    long start = System.nanoTime();
    int sent = 0;
    while (sent < 300 && publisher.sendIfWritable(1000, 100_000)) {
      sent++;
    }
    // 300 s of media were there; what the server took is what has passed and its lead, and what
    // one read may hold beyond. The rest waits in the sender's buffers.
    long elapsedMs = (System.nanoTime() - start) / 1_000_000;
    assertThat(to.stream("live/a").mediaTimeMs()).isLessThan(1000 + elapsedMs + 15_000);
    assertThat(publisher.end()).isNull();
    // Netty loses what a channel has queued when its loop stops first.
    to.rtmp.close();
    Await.until(Duration.ofSeconds(15), "the publisher is cut off", () -> publisher.end() != null);
  }
}
