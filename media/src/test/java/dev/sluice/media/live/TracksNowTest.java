package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawViewer;
import dev.sluice.media.fixture.TagLog;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a joiner is told is what flows now. The clock of the streams is moved on by the tests. */
@ExtendWith(LeakCheck.class)
class TracksNowTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String GET = "GET /live/a.flv HTTP/1.1";
  private static final String WITHOUT_CHUNKS = "GET /live/a.flv HTTP/1.0";
  private static final String AVC_HEADER = "1700000000016400";
  private static final String AAC_HEADER = "af00";

  private final AtomicLong ahead = new AtomicLong();
  private LiveServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        LiveServer.startWithClock(
            attempt ->
                CompletableFuture.completedFuture(
                    new PublishAuthorizer.Verdict.Allowed(attempt.params().get("key"))),
            () -> System.nanoTime() + ahead.get());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void pass(long ms) {
    ahead.addAndGet(ms * 1_000_000);
  }

  private void awaitMedia(long ms) {
    Await.until(
        SOON,
        "media up to " + ms,
        () -> server.has("live/a") && server.stream("live/a").mediaTimeMs() >= ms);
  }

  /** What one who joins over HTTP gets until it is ended by {@code then}. */
  private record Flv(int flags, String metadata, List<String> tags) {
    List<String> of(char kind) {
      return tags.stream().filter(tag -> tag.charAt(0) == kind).toList();
    }
  }

  /** Reads the FLV header, then tags up to the first one of media. */
  private static int flags(RawViewer viewer) throws Exception {
    viewer.head();
    return viewer.read(13)[4];
  }

  private static Flv flv(int flags, byte[] rest) {
    List<String> tags = new ArrayList<>();
    StringBuilder metadata = new StringBuilder();
    FlvReader reader = RawViewer.reader();
    byte[] header = {'F', 'L', 'V', 1, (byte) flags, 0, 0, 0, 9, 0, 0, 0, 0};
    reader.feed(
        Unpooled.wrappedBuffer(header, rest),
        tag -> {
          if (tag.script() && ScriptData.isMetadata(tag.payload())) {
            metadata.append(tag.payload().toString(StandardCharsets.ISO_8859_1));
          } else {
            tags.add(line(tag));
          }
        });
    return new Flv(flags, metadata.toString(), tags);
  }

  private static String line(FlvTag tag) {
    char kind = tag.video() ? 'V' : tag.audio() ? 'A' : 'S';
    String what = tag.sequenceHeader() ? "header" : tag.keyframe() ? "key" : "";
    return kind + what + "@" + tag.timestampMs();
  }

  private static String metadata(TagLog log) {
    return log.lines().stream()
        .filter(line -> line.startsWith("S@"))
        .map(line -> new String(hex(line), StandardCharsets.ISO_8859_1))
        .filter(text -> text.contains("onMetaData"))
        .findFirst()
        .orElse("");
  }

  private static byte[] hex(String line) {
    return java.util.HexFormat.of().parseHex(line.substring(line.indexOf(' ') + 1));
  }

  /** Pictures alone, each 40 ms, in the GOPs that frames() would make. */
  private static void pictures(TestPublisher publisher, int from, int count) throws Exception {
    for (int i = from; i < from + count; i++) {
      publisher.send(i % 25 == 0 ? Tags.keyframe(i * 40L, i, 400) : Tags.inter(i * 40L, i, 200));
    }
  }

  @Test
  void whoJoinsAfterTheSoundWasSwitchedOffDoesNotWaitForIt() throws Exception {
    TestPublisher publisher = TestPublisher.start(server, "live/a?key=k");
    publisher.frames(50, 400);
    TestViewer early = TestViewer.play(server, "live/a");
    early.awaitFrame(49);
    pass(4_000);
    pictures(publisher, 50, 110);
    awaitMedia(159 * 40);
    assertThat(server.stream("live/a").audioCodec()).isEmpty();

    try (RawViewer late = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      TagLog rtmp = TagLog.play(server, "live/a").await("2701");
      assertThat(rtmp.media()).noneMatch(line -> line.startsWith("A"));
      assertThat(metadata(rtmp)).contains("videocodecid").doesNotContain("audiocodecid");
      assertThat(flags(late)).as("video alone").isEqualTo(1);

      early.awaitFrame(159);
      assertThat(early.end()).as("who watches goes on").isNull();

      publisher.send(Tags.audio(160 * 40, 50, 100));
      rtmp.await("af01");
      assertThat(rtmp.media()).as("its header first").anyMatch(l -> l.contains(" " + AAC_HEADER));
      Flv until = flv(1, late.readToTheEnd());
      assertThat(until.metadata()).contains("videocodecid").doesNotContain("audiocodecid");
      assertThat(until.of('A')).as("a clean end before the sound").isEmpty();
      assertThat(until.of('V')).contains("Vheader@6000", "Vkey@6000");
    }
    try (RawViewer again = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      assertThat(flags(again)).as("both are back").isEqualTo(5);
    }
    assertThat(early.end()).isNull();
    assertThat(server.meters.scrape()).contains("disconnects_total{reason=\"tracks_changed\"} 1");
  }

  @Test
  void whoJoinsAfterTheCameraWasSwitchedOffHearsTheSoundAtOnce() throws Exception {
    TestPublisher publisher = TestPublisher.start(server, "live/a?key=k");
    publisher.frames(50, 400);
    awaitMedia(49 * 40);
    pass(4_000);
    for (int i = 0; i < 250; i++) {
      publisher.send(Tags.audio(2_000 + i * 20L, 50 + i, 100));
    }
    awaitMedia(6_980);
    assertThat(server.stream("live/a").videoCodec()).isEmpty();
    TagLog rtmp = TagLog.play(server, "live/a").await("af01");
    assertThat(rtmp.media()).noneMatch(line -> line.startsWith("V"));
    assertThat(metadata(rtmp)).contains("audiocodecid").doesNotContain("videocodecid");
    try (RawViewer late = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      assertThat(flags(late)).isEqualTo(4);
      publisher.send(Tags.keyframe(7_000, 51, 400));
      assertThat(flv(4, late.readToTheEnd()).of('V')).isEmpty();
    }
    rtmp.await("1701");
    assertThat(rtmp.media()).as("its header first").anyMatch(l -> l.contains(" " + AVC_HEADER));
  }

  @Test
  void anEncoderThatComesBackWithoutAMicrophoneIsBelievedAtOnce() throws Exception {
    TestPublisher first = TestPublisher.start(server, "live/a?key=k");
    first.frames(50, 400);
    TestViewer early = TestViewer.play(server, "live/a");
    early.awaitFrame(49);
    pass(1_000); // silent long enough to be taken over from
    TestPublisher second = TestPublisher.connect(server, "live/a?key=k").accepted();
    second.send(Tags.metadata("videocodecid"));
    second.send(Tags.avcHeader(31));
    pictures(second, 0, 30);
    early.await("the second encoder's", v -> v.frames().getLast().number() == 29);
    TagLog rtmp = TagLog.play(server, "live/a").await("2701");
    assertThat(rtmp.media()).noneMatch(line -> line.startsWith("A"));
    assertThat(metadata(rtmp)).contains("videocodecid").doesNotContain("audiocodecid");
    assertThat(server.stream("live/a").audioCodec()).isEmpty();
    try (RawViewer late = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      assertThat(flags(late)).isEqualTo(1);
    }
    assertThat(early.end()).isNull();
  }

  @Test
  void nothingOfTheEncoderBeforeIsShownToWhoJoinsBeforeTheNextOnesFirstPicture() throws Exception {
    TestPublisher first = TestPublisher.start(server, "live/a?key=k");
    first.frames(50, 400);
    awaitMedia(49 * 40);
    pass(1_000);
    TestPublisher second = TestPublisher.connect(server, "live/a?key=k").accepted();
    Await.until(SOON, "forgotten", () -> server.stream("live/a").videoCodec().isEmpty());
    TestViewer between = TestViewer.play(server, "live/a");
    Await.until(SOON, "joined", () -> server.stream("live/a").totalViewers() == 1);
    second.send(Tags.metadata("videocodecid", "audiocodecid"));
    second.send(Tags.avcHeader(31));
    second.send(Tags.keyframe(0, 7_000, 400));
    between.awaitFrame(7_000);
    assertThat(between.frames()).hasSize(1);
    assertThat(between.seen().stream().filter(s -> s.header() && s.kind() == 'v')).hasSize(1);
    assertThat(between.sounds()).isEmpty();
  }

  @Test
  void whoTunesInToRadioWithACoverSeesItAtOnceAndHearsWhatIsNow() throws Exception {
    TestPublisher publisher = TestPublisher.start(server, "live/a?key=k");
    publisher.send(Tags.keyframe(0, 7_000, 30_000));
    for (int i = 0; i < 3_000; i++) { // a minute
      publisher.send(Tags.audio(i * 20L, i, 100));
      if (i % 50 == 49) {
        pass(1_000);
      }
    }
    awaitMedia(59_980);
    assertThat(server.stream("live/a").videoCodec()).isNotEmpty();
    TestViewer rtmp = TestViewer.play(server, "live/a");
    rtmp.await("the newest sound", v -> v.sounds().stream().anyMatch(s -> s.number() == 2_999));
    assertThat(rtmp.frames()).extracting(TestViewer.Seen::number).containsExactly(7_000);
    assertThat(rtmp.sounds().getFirst().timestampMs()).isGreaterThanOrEqualTo(58_000);
    assertThat(rtmp.seen().subList(0, 4))
        .extracting(TestViewer.Seen::kind)
        .containsExactly('s', 'v', 'a', 'v');
    assertThat(rtmp.frames().getFirst().timestampMs())
        .isEqualTo(rtmp.sounds().getFirst().timestampMs());
    try (RawViewer http = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      assertThat(flags(http)).isEqualTo(5);
      publisher.send(Tags.keyframe(60_000, 7_001, 30_000));
      rtmp.awaitFrame(7_001);
      publisher.close();
      Flv all = flv(5, http.readToTheEnd());
      assertThat(all.of('V')).filteredOn(tag -> tag.startsWith("Vkey")).hasSize(2);
      assertThat(all.of('A').size()).isBetween(40, 60);
    }
  }

  @Test
  void aPictureTwoSecondsAfterTheSoundIsThereForWhoWaitedBeforeTheStart() throws Exception {
    for (String told : List.of("audiocodecid videocodecid", "width height")) {
      try (RawViewer waiting = new RawViewer(server, WITHOUT_CHUNKS, "")) {
        Await.until(SOON, "it waits", () -> server.hub.demand(new StreamKey("live", "a")) == 1);
        TestPublisher publisher = TestPublisher.connect(server, "live/a?key=k").accepted();
        publisher.send(Tags.metadata(told.split(" ")));
        publisher.send(Tags.aacHeader());
        for (int i = 0; i < 100; i++) {
          publisher.send(Tags.audio(i * 20L, i, 100));
        }
        awaitMedia(1_980);
        publisher.send(Tags.avcHeader(30));
        publisher.send(Tags.keyframe(2_000, 0, 400));
        assertThat(flags(waiting)).as(told).isEqualTo(5);
        publisher.close();
        Flv all = flv(5, waiting.readToTheEnd());
        assertThat(all.of('V')).contains("Vkey@2000");
        Await.until(SOON, "over", () -> !server.has("live/a"));
      }
    }
  }

  @Test
  void whoWasToldOfNoPictureIsEndedCleanlyWhenOneComesAndHasItOnReturn() throws Exception {
    TestPublisher publisher = TestPublisher.connect(server, "live/a?key=k").accepted();
    publisher.send(Tags.metadata("audiocodecid"));
    publisher.send(Tags.aacHeader());
    publisher.send(Tags.audio(0, 0, 100));
    try (RawViewer http = new RawViewer(server, GET, "");
        RawViewer socket = RawViewer.webSocket(server, "live/a")) {
      TestViewer rtmp = TestViewer.play(server, "live/a");
      rtmp.await("sound", v -> !v.sounds().isEmpty());
      http.head();
      Await.until(SOON, "all joined", () -> server.stream("live/a").totalViewers() == 3);
      assertThat(socket.await(2).payload()).startsWith('F', 'L', 'V', 1, 4);
      publisher.send(Tags.audio(20, 1, 100));
      publisher.send(Tags.avcHeader(30));
      publisher.send(Tags.audio(40, 2, 100));
      publisher.send(Tags.keyframe(60, 0, 400));
      publisher.send(Tags.audio(80, 3, 100));
      byte[] body = http.readChunks();
      assertThat(body).startsWith('F', 'L', 'V', 1, 4);
      assertThat(socket.await(8).code()).as("service restart").isEqualTo(1012);
      rtmp.awaitFrame(0);
      assertThat(rtmp.end()).as("RTMP takes a track at any time").isNull();
    }
    try (RawViewer again = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      assertThat(flags(again)).isEqualTo(5);
      publisher.close();
      assertThat(flv(5, again.readToTheEnd()).tags())
          .startsWith("Vheader@60", "Aheader@60", "Vkey@60");
    }
  }
}
