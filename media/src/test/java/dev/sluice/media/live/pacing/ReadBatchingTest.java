package dev.sluice.media.live.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.CutLine;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.fixture.TestViewer.Seen;
import dev.sluice.media.live.PublisherSlot;
import dev.sluice.media.live.ReadWheel;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishers on a loop that gathers frames are read once per send. */
@ExtendWith(LeakCheck.class)
class ReadBatchingTest {
  private static final Pattern RESTS = Pattern.compile("sluice_live_publisher_rests_total (\\d+)");

  private @Nullable LiveServer server;
  private @Nullable CutLine line;

  @AfterEach
  void stop() throws IOException {
    if (line != null) {
      line.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static long millis(long ms) {
    return Duration.ofMillis(ms).toNanos();
  }

  /** One that has sent this many bytes in its first second. */
  private static ReadBatching after(int bytesPerSecond) {
    ReadBatching rest = new ReadBatching(0);
    rest.received(bytesPerSecond);
    return rest;
  }

  @Test
  void restsFromOneSendToTheNext() {
    assertThat(after(60_000).nanos(millis(200), millis(1000))).isEqualTo(millis(200));
    assertThat(after(60_000).nanos(millis(90), millis(1000))).isEqualTo(millis(90));
  }

  @Test
  void readsEachPictureWhereEachIsSent() {
    assertThat(after(60_000).nanos(0, millis(1000))).isZero();
    assertThat(after(60_000).nanos(millis(59), millis(1000))).isZero();
  }

  @Test
  void readsOnUntilTheRateIsKnown() {
    ReadBatching rest = new ReadBatching(0);
    for (long ms = 0; ms < 1000; ms += 40) {
      rest.received(2_500);
      assertThat(rest.nanos(millis(200), millis(ms))).isZero();
    }
    assertThat(rest.nanos(millis(200), millis(1000))).isEqualTo(millis(200));
  }

  @Test
  void restsNoLongerThanTheKernelHasRoomFor() {
    long rest = after(400_000).nanos(millis(200), millis(1000));
    assertThat(rest * 400_000 / 1_000_000_000).isBetween(30_000L, 32_768L);
    assertThat(after(1_000_000).nanos(millis(200), millis(1000))).isZero();
  }

  @Test
  void aRestIsTooShortToLookSilent() {
    assertThat(after(10_000).nanos(millis(1000), millis(1000)))
        .isEqualTo(PublisherSlot.SILENT_NANOS / 2);
  }

  @Test
  void followsTheRate() {
    ReadBatching rest = after(60_000);
    assertThat(rest.nanos(millis(200), millis(1000))).isEqualTo(millis(200));
    rest.received(2_000_000);
    assertThat(rest.nanos(millis(200), millis(2000))).isZero();
    assertThat(rest.nanos(millis(200), millis(3000))).isEqualTo(millis(200));
  }

  @Test
  void everybodyIsWokenInTimeAndTogether() {
    EmbeddedChannel clock = new EmbeddedChannel();
    clock.freezeTime();
    long[] now = {123_456_789};
    ReadWheel turns = new ReadWheel(clock.eventLoop(), () -> now[0]);
    List<Long> late = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      if (i < 500) {
        long due = now[0] + millis(60 + i % 150);
        turns.rest(due - now[0], () -> late.add(now[0] - due));
      }
      now[0] += millis(1);
      clock.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      clock.runScheduledPendingTasks();
    }
    assertThat(late).hasSize(500).allMatch(nanos -> nanos >= 0 && nanos <= millis(11));
    clock.finishAndReleaseAll();
  }

  @Test
  void oneTimerDoesForAllAndNoneForNobody() {
    EmbeddedChannel clock = new EmbeddedChannel();
    clock.freezeTime();
    long[] now = {0};
    ReadWheel turns = new ReadWheel(clock.eventLoop(), () -> now[0]);
    int[] woken = {0};
    for (int i = 0; i < 100; i++) {
      turns.rest(millis(200), () -> woken[0]++);
    }
    now[0] = millis(3_000); // the loop was held up for longer than the wheel is
    clock.advanceTimeBy(3, TimeUnit.SECONDS);
    clock.runScheduledPendingTasks();
    assertThat(woken[0]).isEqualTo(100);
    assertThat(clock.runScheduledPendingTasks()).as("next timer").isEqualTo(-1);
    clock.finishAndReleaseAll();
  }

  private LiveServer serve() throws Exception {
    LiveServer started =
        LiveServer.start(
            1, new LiveConfigBuilder().minFlushInterval(Duration.ofMillis(150)).build());
    server = started;
    return started;
  }

  private static long rests(LiveServer of) {
    Matcher found = RESTS.matcher(of.meters.scrape());
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  /** Sends a frame each 20 ms until the server has let the publisher rest this often. */
  private static int publishUntilItRested(LiveServer to, TestPublisher publisher, int times)
      throws Exception {
    EventLoop pace = to.loops.next();
    int frames = 0;
    long before = rests(to);
    long patience = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (rests(to) - before < times && System.nanoTime() < patience) {
      pace.schedule(() -> {}, 20, TimeUnit.MILLISECONDS).sync();
      publisher.frames(1, 500);
      frames++;
    }
    assertThat(rests(to) - before).isGreaterThanOrEqualTo(times);
    return frames;
  }

  @Test
  void whatComesDuringRestsIsAllSentOnInOrder() throws Exception {
    LiveServer to = serve();
    TestPublisher publisher = TestPublisher.start(to, "live/a");
    publisher.frames(1, 500);
    TestViewer viewer = TestViewer.play(to, "live/a");
    viewer.awaitFrame(0);
    int frames = 1 + publishUntilItRested(to, publisher, 5);
    viewer.awaitFrame(frames - 1);
    List<Integer> numbers = viewer.frames().stream().map(Seen::number).toList();
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo(i);
    }
    assertThat(viewer.end()).isNull();
  }

  @Test
  void aPublisherThatStopsWhileItRestsEndsTheStream() throws Exception {
    LiveServer to = serve();
    TestPublisher publisher = TestPublisher.start(to, "live/a");
    publishUntilItRested(to, publisher, 2);
    publisher.close();
    Await.until(Duration.ofSeconds(15), "over", () -> !to.has("live/a"));
  }

  @Test
  void aLineThatBreaksDuringARestIsNoticed() throws Exception {
    LiveServer to = serve();
    CutLine through = new CutLine(to.rtmpPort());
    line = through;
    TestPublisher publisher = TestPublisher.connect(to, through, "live/a").begin();
    publishUntilItRested(to, publisher, 2);
    through.cut();
    Await.until(Duration.ofSeconds(15), "held", () -> to.stream("live/a").kind().equals("none"));
  }
}
