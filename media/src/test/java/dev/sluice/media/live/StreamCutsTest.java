package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.Marks;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.segment.DateRange;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whose marks a stream has. Times of day are those of the test. */
@ExtendWith(LeakCheck.class)
class StreamCutsTest {
  private static final StreamKey KEY = new StreamKey("live", "a");
  private static final long NOW = 1_796_000_000_000L;

  /** A tag as a sink saw it: its mark, if it is one, and its time. */
  private record Seen(@Nullable SegmentMark mark, boolean video, long timeMs) {}

  private final EventLoops loops = EventLoops.create(1);
  private final EventLoop loop = loops.next();
  private final Meters meters = new Meters();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private LiveHub hub;

  @BeforeEach
  void start() {
    hub =
        new LiveHub(
            new LiveConfigBuilder()
                .tracksWait(Duration.ZERO)
                .publishHold(Duration.ofSeconds(300))
                .build(),
            meters,
            System::nanoTime,
            () -> NOW);
    hub.listen(
        (key, publisher) ->
            new StreamListener.Sink() {
              @Override
              public void tag(FlvTag tag) {
                boolean media = !SequenceHeaders.isHeader(tag);
                if (media || tag.mark()) {
                  seen.add(
                      new Seen(SegmentMark.decode(tag.payload()), tag.video(), tag.timestampMs()));
                }
              }

              @Override
              public void closed(EndReason reason) {}
            });
  }

  @AfterEach
  void stop() {
    hub.close();
    loops.close();
    meters.close();
  }

  private <T> T on(Callable<T> work) throws Exception {
    return loop.submit(work).get(90, TimeUnit.SECONDS);
  }

  private Publication publish(PublisherInfo from) throws Exception {
    return on(() -> hub.publish(KEY, from, loop));
  }

  private void send(Publication to, FlvTag... tags) throws Exception {
    on(
        () -> {
          for (FlvTag tag : tags) {
            to.onTag(tag);
            tag.release();
          }
          return true;
        });
  }

  /** Pictures of 40 ms, of which each 25th is a keyframe. */
  private void pictures(Publication to, int from, int count) throws Exception {
    for (int i = from; i < from + count; i++) {
      boolean keyframe = i % 25 == 0;
      send(to, keyframe ? Tags.keyframe(i * 40L, i, 64) : Tags.inter(i * 40L, i, 64));
    }
  }

  private List<SegmentMark> marks() {
    return seen.stream().map(Seen::mark).filter(mark -> mark != null).toList();
  }

  private String segmentsFrom() {
    StreamStats stats = hub.stream(KEY);
    return stats == null ? "none" : stats.segmentsFrom();
  }

  @Test
  void anOriginCutsWhatItsEncoderSendsAndLeavesOutTheEncodersMarks() throws Exception {
    Publication encoder = publish(PublisherInfo.encoder("x", ""));
    send(encoder, Tags.avcHeader(30), Tags.aacHeader(), Marks.tag(Marks.at(0, 7, 0, 0)));
    assertThat(segmentsFrom()).isEmpty();
    pictures(encoder, 0, 60);
    Await.until("parts", () -> marks().size() > 5);
    assertThat(segmentsFrom()).isEqualTo("here");
    SegmentMark first = marks().getFirst();
    assertThat(first.msn()).isEqualTo(NOW / 1000);
    assertThat(first.wallZeroMs()).isEqualTo(NOW);
    assertThat(marks()).allMatch(mark -> mark.incarnation() == first.incarnation());
    for (int i = 0; i < seen.size(); i++) {
      SegmentMark mark = seen.get(i).mark();
      if (mark != null) {
        assertThat(seen.get(i).timeMs()).isEqualTo(mark.timeMs());
        assertThat(seen.get(i + 1).timeMs()).as("goes before its tag").isEqualTo(mark.timeMs());
      }
    }
  }

  private static FlvTag cue(String name, Map<String, AmfValue> parameters) {
    ByteBuf body = Unpooled.buffer();
    Amf0.encode(body, new AmfValue.Str("onCuePoint"));
    Map<String, AmfValue> cue =
        Map.of(
            "name",
            new AmfValue.Str(name),
            "type",
            new AmfValue.Str("event"),
            "time",
            new AmfValue.Num(99),
            "parameters",
            new AmfValue.Obj(parameters));
    Amf0.encode(body, new AmfValue.Obj(cue));
    return new FlvTag(TagType.SCRIPT, 0, body);
  }

  private List<DateRange> ranges() {
    return marks().stream().flatMap(mark -> mark.notes().ranges().stream()).toList();
  }

  private double cuePoints(String result) {
    return meters.counter(LiveMeters.CUE_POINTS, result).count();
  }

  @Test
  void aCuePointOfTheEncoderIsListedWhereItIsInTheStream() throws Exception {
    Publication encoder = publish(PublisherInfo.encoder("x", ""));
    send(encoder, Tags.avcHeader(30), Tags.aacHeader());
    pictures(encoder, 0, 20);
    send(encoder, cue("goal", Map.of("player", new AmfValue.Num(9))));
    Map<String, AmfValue> advert =
        Map.of("id", new AmfValue.Str("ad-1"), "duration", new AmfValue.Num(30.5));
    send(encoder, cue("advert", advert));
    send(encoder, cue("bad \" quote", Map.of()), cue("advert again", advert));
    pictures(encoder, 20, 20);
    Await.until("listed", () -> ranges().size() == 2);
    long atMs = NOW + 19 * 40;
    DateRange goal = ranges().getFirst();
    assertThat(goal.startMs()).isEqualTo(atMs);
    assertThat(goal.durationMs()).isZero();
    assertThat(goal.attributes())
        .isEqualTo(Map.of("X-NAME", "goal", "X-TYPE", "event", "X-PLAYER", "9"));
    assertThat(ranges().getLast().id()).isEqualTo("ad-1");
    assertThat(ranges().getLast().durationMs()).isEqualTo(30_500);
    assertThat(cuePoints("listed")).isEqualTo(2);
    assertThat(cuePoints("bad")).isEqualTo(1);
    assertThat(cuePoints("contradicts")).isEqualTo(1);
  }

  @Test
  void anEncoderThatSendsCuePointsWithoutEndFillsNoPlaylist() throws Exception {
    Publication encoder = publish(PublisherInfo.encoder("x", ""));
    send(encoder, Tags.avcHeader(30), Tags.aacHeader());
    pictures(encoder, 0, 20);
    for (int i = 0; i < 500; i++) {
      send(encoder, cue("n" + i, Map.of()));
    }
    pictures(encoder, 20, 80);
    Await.until("listed", () -> ranges().size() == PendingNotes.MOST_PENDING);
    assertThat(cuePoints("too_many")).isEqualTo(500 - PendingNotes.MOST_PENDING);
    assertThat(marks()).allMatch(mark -> mark.notes().ranges().size() <= 8);
  }

  @Test
  void aCuePointThatAnEdgeRelaysIsNotListedTwice() throws Exception {
    Publication relay = publish(PublisherInfo.relay("rtmp://o", ""));
    send(relay, Tags.avcHeader(30), Tags.aacHeader());
    send(relay, Marks.tag(Marks.at(1_000, 0)), Tags.keyframe(1_000, 0, 64));
    send(relay, cue("goal", Map.of()), Marks.tag(Marks.at(1_400, 1)), Tags.inter(1_400, 1, 64));
    Await.until("both", () -> marks().size() == 2);
    assertThat(ranges()).isEmpty();
  }

  @Test
  void whoTakesOverBeginsAnotherStretch() throws Exception {
    Publication encoder = publish(PublisherInfo.encoder("x", ""));
    send(encoder, Tags.avcHeader(30), Tags.aacHeader());
    pictures(encoder, 0, 10);
    on(
        () -> {
          encoder.close(EndReason.CONNECTION_LOST);
          return true;
        });
    assertThat(marks().getLast().endsStretch()).isTrue();
    assertThat(marks().getLast().endMs()).isEqualTo(400);
    Publication again = publish(PublisherInfo.encoder("x", ""));
    send(again, Tags.avcHeader(30), Tags.aacHeader());
    pictures(again, 50, 10);
    Await.until("another stretch", () -> marks().getLast().discontinuous());
    assertThat(marks().getLast().msn()).isEqualTo(NOW / 1000 + 1);
    assertThat(marks().getLast().incarnation()).isEqualTo(marks().getFirst().incarnation());
  }

  @Test
  void aStreamThatIsKickedEndsItsStretch() throws Exception {
    Publication encoder = publish(PublisherInfo.encoder("x", ""));
    send(encoder, Tags.avcHeader(30), Tags.aacHeader());
    pictures(encoder, 0, 10);
    hub.kick(KEY);
    Await.until("the end", () -> !marks().isEmpty() && marks().getLast().endsStretch());
  }

  @Test
  void anEdgePassesMarksOnWhereTheirTagIsAndAsFarFromIt() throws Exception {
    Publication relay = publish(PublisherInfo.relay("rtmp://o", ""));
    SegmentMark first = Marks.at(4_294_967_290L, 7, 0, 0);
    SegmentMark second = Marks.at(4_294_967_300L, 7, 1, 0);
    send(relay, Tags.avcHeader(30), Tags.aacHeader());
    send(relay, Marks.tag(first), Tags.keyframe(4_294_967_295L, 0, 64));
    send(relay, Marks.tag(second), Tags.inter(4_294_967_306L, 1, 64)); // 32 bits are over
    Await.until("both", () -> seen.size() == 4);
    assertThat(marks()).containsExactly(first, second);
    assertThat(seen.get(1).timeMs() - seen.get(0).timeMs()).isEqualTo(5);
    assertThat(seen.get(3).timeMs() - seen.get(2).timeMs()).isEqualTo(6);
    assertThat(seen.get(3).timeMs() - seen.get(1).timeMs()).isEqualTo(11);
    assertThat(segmentsFrom()).isEqualTo("upstream");
  }

  @Test
  void theEndOfAStretchDoesNotWaitForATag() throws Exception {
    Publication relay = publish(PublisherInfo.relay("rtmp://o", ""));
    SegmentMark end =
        new SegmentMark(
            1, 0, 1_040, 8, 0, 1, false, false, true, 0, 0, SegmentMark.NO_AUDIO, 0, 1_040, 1, 9);
    send(relay, Tags.avcHeader(30), Tags.aacHeader());
    send(relay, Marks.tag(Marks.at(1_000, 0)), Tags.keyframe(1_000, 0, 64), Marks.tag(end));
    Await.until("the end", () -> marks().contains(end));
    assertThat(seen.getLast().timeMs()).isEqualTo(1_040);
  }

  @Test
  void aMarkWhoseTagWasShownAlreadyIsLeftOutWithIt() throws Exception {
    Publication relay = publish(PublisherInfo.relay("rtmp://o", ""));
    send(relay, Tags.avcHeader(30), Tags.aacHeader());
    SegmentMark first = Marks.at(1_000, 7, 0, 0);
    SegmentMark second = Marks.at(1_040, 7, 1, 0);
    send(relay, Marks.tag(first), Tags.keyframe(1_000, 0, 64));
    on(
        () -> {
          relay.reconnected(true);
          return true;
        });
    send(relay, Marks.tag(first), Tags.keyframe(1_000, 0, 64));
    send(relay, Marks.tag(second), Tags.inter(1_040, 1, 64));
    Await.until("it goes on", () -> seen.size() == 4);
    assertThat(marks()).containsExactly(first, second);
  }

  @Test
  void whereNoMarkComesAnEdgeCutsByItselfUntilOneComes() throws Exception {
    Publication relay = publish(PublisherInfo.relay("rtmp://stranger", ""));
    send(relay, Tags.avcHeader(30), Tags.aacHeader());
    pictures(relay, 0, 25);
    assertThat(marks()).isEmpty();
    pictures(relay, 25, 175);
    assertThat(segmentsFrom()).isEqualTo("here");
    Await.until("marks", () -> marks().size() > 2);
    assertThat(marks().getFirst().timeMs()).as("a keyframe").isEqualTo(6_000);
    SegmentMark mark = Marks.at(8_000, 1_900_000_000L, 0, 0);
    send(relay, Marks.tag(mark));
    pictures(relay, 200, 2);
    Await.until("its own", () -> marks().getLast().equals(mark));
    assertThat(marks().get(marks().size() - 2).endsStretch()).isTrue();
    assertThat(segmentsFrom()).isEqualTo("upstream");
  }
}
