package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.CutLine;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawRtmp;
import dev.sluice.media.fixture.TagLog;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.Publication;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What real encoders and players do with streams: one test for each trap of media, time stamps and
 * joining. Those of the wire are in the test of the same name beside the RTMP session.
 */
@ExtendWith(LeakCheck.class)
class InteropTrapsTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String AVC_HEADER = "17 00 000000 0164001e";
  private static final String AAC_HEADER = "af 00 1210";

  private LiveServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static FlvTag video(long timestampMs, String hex) {
    return new FlvTag(TagType.VIDEO, timestampMs, Wire.buffer(Wire.hex(hex)));
  }

  private static FlvTag audio(long timestampMs, String hex) {
    return new FlvTag(TagType.AUDIO, timestampMs, Wire.buffer(Wire.hex(hex)));
  }

  private static String key(int number) {
    return String.format("17 01 000000 00000002 65%02x", number);
  }

  private static String inter(int number) {
    return String.format("27 01 000000 00000002 41%02x", number);
  }

  private static String sound(int number) {
    return String.format("af 01 21%02x", number);
  }

  private TestPublisher publish(FlvTag... tags) throws Exception {
    return publish("live/a", tags);
  }

  private TestPublisher publish(String name, FlvTag... tags) throws Exception {
    if (server == null) {
      server = LiveServer.start();
    }
    TestPublisher publisher = TestPublisher.connect(server, name).accepted();
    send(publisher, tags);
    return publisher;
  }

  private static void send(TestPublisher publisher, FlvTag... tags) throws Exception {
    for (FlvTag tag : tags) {
      publisher.send(tag);
    }
  }

  private static String packed(String hex) {
    return hex.replace(" ", "");
  }

  @Test
  void trap22_aBrokenPublisherIsWaitedForAndOneThatSaysItIsDoneIsNot() throws Exception {
    server = LiveServer.start();
    CutLine line = new CutLine(server.rtmpPort());
    TestPublisher first = TestPublisher.connect(server, line, "live/a").accepted();
    send(first, video(0, AVC_HEADER), video(0, key(0)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(key(0)));
    line.cut();
    line.close();
    Await.until(SOON, "held", () -> server.stream("live/a").kind().equals("none"));
    TestPublisher again = publish(video(90_000, AVC_HEADER), video(90_000, key(1)));
    viewer.await(packed(key(1)));
    assertThat(viewer.end()).isNull();
    again.close();
    viewer.awaitEnd();
  }

  @Test
  void trap23_theSameKeyTakesOverFromAHalfDeadConnectionWithinASecond() throws Exception {
    server =
        LiveServer.start(
            attempt ->
                CompletableFuture.completedFuture(new PublishAuthorizer.Verdict.Allowed("k")));
    CutLine line = new CutLine(server.rtmpPort());
    TestPublisher first = TestPublisher.connect(server, line, "live/a").accepted();
    send(first, video(0, AVC_HEADER), video(0, key(0)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(key(0)));
    line.freeze();
    publish(video(0, AVC_HEADER), video(0, key(1)));
    viewer.await(packed(key(1)));
    assertThat(viewer.end()).isNull();
    line.close();
  }

  @Test
  void trap24_whenTheServerDrainsOnlyClientsThatCanAreAskedToReconnect() throws Exception {
    publish(video(0, AVC_HEADER), video(0, key(0)));
    try (RawRtmp can = RawRtmp.connect(server, Map.of("capsEx", AmfValue.of(1)));
        RawRtmp cannot = RawRtmp.connect(server, Map.of())) {
      server.drain(Duration.ofMillis(1));
      can.await("status NetConnection.Connect.ReconnectRequest");
      cannot.command(0, "getStreamLength", 7, AmfValue.Nothing.NULL, AmfValue.of("a"));
      cannot.await("_result");
      assertThat(cannot.count("ReconnectRequest")).isZero();
    }
  }

  @Test
  void trap24_aServerThatKnowsAnotherAddressNamesItWhenItDrains() throws Exception {
    server = LiveServer.startBeside("rtmp://other.example");
    try (RawRtmp can = RawRtmp.connect(server, Map.of("capsEx", AmfValue.of(1)))) {
      server.drain(Duration.ofMillis(1));
      can.await("status NetConnection.Connect.ReconnectRequest to rtmp://other.example/live");
    }
  }

  @Test
  void trap25_flvTimesAreRebasedBeforeTheSignBitAndRtmpTimesWrapAt32Bits() {
    FlvTag frame = video(0, inter(1));
    ByteBuf flv = ByteBufAllocator.DEFAULT.buffer();
    ByteBuf rtmp = ByteBufAllocator.DEFAULT.buffer();
    try {
      WireFormat.FLV.write(flv, frame, 0x8000_0005L);
      assertThat(Wire.bytes(flv)).startsWith(Wire.hex("09 00000b 000005 00 000000"));
      WireFormat.RTMP.write(rtmp, frame, 0x1_8000_0005L);
      assertThat(Wire.bytes(rtmp)).startsWith(Wire.hex("06 ffffff 00000b 09 01000000 80000005"));
    } finally {
      frame.release();
      flv.release();
      rtmp.release();
    }
  }

  @Test
  void trap26_aHugeStartIsRebasedAndAJumpBackIsSplicedForEveryViewerAlike() throws Exception {
    TestPublisher publisher =
        publish(
            video(0, AVC_HEADER),
            video(3_000_000_000L, key(0)),
            video(3_000_000_040L, inter(1)),
            video(0, key(2)),
            video(40, inter(3)));
    Await.until(SOON, "spliced", () -> server.stream("live/a").mediaTimeMs() >= 105);
    TagLog viewer = TagLog.play(server, "live/a").await(packed(inter(3)));
    assertThat(viewer.media())
        .containsExactly(
            "V@65 " + packed(AVC_HEADER), "V@65 " + packed(key(2)), "V@105 " + packed(inter(3)));
    send(publisher, video(80, inter(4)));
    viewer.await(packed(inter(4)));
    assertThat(viewer.media()).endsWith("V@145 " + packed(inter(4)));
  }

  @Test
  void trap27_smallStepsBackAreLevelledPerTrackAndInterleavingIsLeftAlone() throws Exception {
    publish(
        video(0, AVC_HEADER),
        audio(0, AAC_HEADER),
        video(0, key(0)),
        video(80, inter(1)),
        audio(40, sound(1)),
        video(60, inter(2)),
        audio(63, sound(2)),
        video(120, inter(3)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(inter(3)));
    assertThat(viewer.media().subList(2, 8))
        .containsExactly(
            "V@0 " + packed(key(0)),
            "V@80 " + packed(inter(1)),
            "A@40 " + packed(sound(1)),
            "V@80 " + packed(inter(2)),
            "A@63 " + packed(sound(2)),
            "V@120 " + packed(inter(3)));
  }

  @Test
  void trap28_audioAloneStartsAtOnceWithoutAKeyframe() throws Exception {
    publish(audio(0, AAC_HEADER), audio(0, sound(1)), audio(23, sound(2)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(sound(2)));
    assertThat(viewer.media()).startsWith("A@0 " + packed(AAC_HEADER));
    assertThat(flvStart("live/a", 5)[4]).as("flags: audio only").isEqualTo((byte) 4);
  }

  @Test
  void trap29_flagsSayWhatIsThereNotWhatTheEncoderPromised() throws Exception {
    publish(Tags.metadata("videocodecid", "audiocodecid"), video(0, AVC_HEADER), video(0, key(0)));
    assertThat(flvStart("live/a", 5)[4]).as("flags: video only").isEqualTo((byte) 1);
  }

  @Test
  void trap30_metadataIsAnEcmaArrayWithoutDurationWhateverTheEncoderSends() throws Exception {
    Map<String, AmfValue> properties = new LinkedHashMap<>();
    properties.put("duration", AmfValue.of(12));
    properties.put("width", AmfValue.of(320));
    FlvTag object =
        new FlvTag(
            TagType.SCRIPT,
            0,
            new ScriptData("onMetaData", List.of(new AmfValue.Obj(properties)))
                .encode(ByteBufAllocator.DEFAULT));
    publish(object, video(0, AVC_HEADER), video(0, key(0)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(key(0)));
    String expected = "02000a6f6e4d65746144617461" + "0800000001" + "00057769647468" + "00";
    assertThat(viewer.lines().getFirst()).startsWith("S@0 " + expected);
  }

  @Test
  void trap31_headersChangeInOrderAndAJoinerGetsThoseOfItsGop() throws Exception {
    String other = "17 00 000000 01640028";
    TestPublisher publisher =
        publish(video(0, AVC_HEADER), video(0, key(0)), video(40, AVC_HEADER), video(40, inter(1)));
    TagLog early = TagLog.play(server, "live/a").await(packed(inter(1)));
    send(publisher, video(80, other));
    early.await(packed(other));
    TagLog between = TagLog.play(server, "live/a").await(packed(inter(1)));
    assertThat(between.media().getFirst())
        .as("the header of the cached GOP")
        .endsWith(packed(AVC_HEADER));
    send(publisher, video(80, key(2)));
    early.await(packed(key(2)));
    between.await(packed(key(2)));
    TagLog late = TagLog.play(server, "live/a").await(packed(key(2)));
    assertThat(late.media().getFirst()).endsWith(packed(other));
    assertThat(early.media())
        .as("an equal header is not repeated, another one comes before its picture")
        .extracting(line -> line.substring(line.indexOf(' ') + 1))
        .containsExactly(
            packed(AVC_HEADER), packed(key(0)), packed(inter(1)), packed(other), packed(key(2)));
  }

  @Test
  void trap31_aJoinerOfSoundAloneGetsNothingThatItsHeaderDoesNotFit() throws Exception {
    String other = "af 00 1190";
    publish(audio(0, AAC_HEADER), audio(0, sound(1)), audio(23, other), audio(23, sound(2)));
    Await.until(SOON, "all", () -> server.stream("live/a").mediaTimeMs() >= 23);
    TagLog viewer = TagLog.play(server, "live/a").await(packed(sound(2)));
    assertThat(viewer.media()).containsExactly("A@23 " + packed(other), "A@23 " + packed(sound(2)));
  }

  private static final String HEVC_HEADER = "90 68766331 0101600000";
  private static final String HEVC_KEY = "91 68766331 000000 00000002 26";

  /** What a viewer shows of {@link #HEVC_KEY}. */
  private static final String HEVC_SHOWN = packed(HEVC_KEY).substring(0, 24);

  @Test
  void trap31_viewersGoOnWithTheHeadersOfAnotherCodec() throws Exception {
    TestPublisher publisher = publish(video(0, AVC_HEADER), video(0, key(0)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(key(0)));
    send(publisher, video(40, HEVC_HEADER), video(40, HEVC_KEY));
    viewer.await(HEVC_SHOWN);
    assertThat(viewer.media().get(2)).endsWith(packed(HEVC_HEADER));
    assertThat(viewer.end()).isNull();
  }

  @Test
  void trap32_reorderedPicturesPassWithTheirSignedCompositionTime() throws Exception {
    String later = "27 01 fffff0 00000002 4101";
    String earlier = "27 01 7fffff 00000002 0102";
    publish(video(0, AVC_HEADER), video(0, key(0)), video(40, later), video(80, earlier));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(earlier));
    assertThat(viewer.media())
        .endsWith("V@0 " + packed(key(0)), "V@40 " + packed(later), "V@80 " + packed(earlier));
  }

  @Test
  void trap33_emptyBodiesAndEndsOfSequenceAreNeitherKeyframesNorHeaders() throws Exception {
    publish(
        video(0, AVC_HEADER),
        audio(0, AAC_HEADER),
        video(0, key(0)),
        video(10, "17 02 000000"),
        video(20, "17 01 000000"),
        audio(20, "af 00"),
        new FlvTag(TagType.VIDEO, 30, Wire.buffer(new byte[0])),
        new FlvTag(TagType.AUDIO, 30, Wire.buffer(new byte[0])),
        video(40, inter(1)));
    Await.until(SOON, "all", () -> server.stream("live/a").mediaTimeMs() >= 40);
    TagLog viewer = TagLog.play(server, "live/a").await(packed(inter(1)));
    assertThat(viewer.media().subList(0, 3))
        .containsExactly(
            "V@0 " + packed(AVC_HEADER), "A@0 " + packed(AAC_HEADER), "V@0 " + packed(key(0)));
    assertThat(viewer.media()).noneMatch(line -> line.endsWith(" "));
    assertThat(server.stream("live/a").gopMs()).as("one keyframe").isZero();
  }

  @Test
  void trap34_hevcIsStoredAndSentInOneFormHoweverItCame() throws Exception {
    publish(
        "live/old", video(0, "1c 00 000000 0101600000"), video(0, "1c 01 000000 00000002 2601"));
    publish(
        "live/new", video(0, "90 68766331 0101600000"), video(0, "91 68766331 000000 00000002 26"));
    for (String name : List.of("live/old", "live/new")) {
      TagLog viewer =
          TagLog.play(server, name).await("91687663310000000000000226".substring(0, 24));
      assertThat(viewer.media().getFirst()).as(name).isEqualTo("V@0 90687663310101600000");
      assertThat(server.stream(name).videoCodec()).isEqualTo("h265");
    }
  }

  @Test
  void trap35_httpFlvIsWrittenExactlyAndStartsAtTheTimeOfTheJoin() throws Exception {
    publish(
        video(0, AVC_HEADER),
        audio(0, AAC_HEADER),
        video(0, key(0)),
        audio(0, sound(0)),
        video(5_000, key(1)));
    Await.until(SOON, "second", () -> server.stream("live/a").mediaTimeMs() >= 5_000);
    String tagAt5000 = "001388 00 000000";
    byte[] expected =
        Wire.hex(
            "464c56 01 05 00000009 00000000", // header, PreviousTagSize0
            "09 000009 " + tagAt5000 + AVC_HEADER + "00000014",
            "08 000004 " + tagAt5000 + AAC_HEADER + "0000000f",
            "09 00000b " + tagAt5000 + key(1) + "00000016");
    assertThat(flvStart("live/a", expected.length)).isEqualTo(expected);
  }

  @Test
  void trap35_theFirstViewersOfARelayedStreamGetHeadersAtTheTimeOfTheirKeyframe() throws Exception {
    server = LiveServer.start();
    TagLog early = TagLog.play(server, "live/a");
    StreamKey key = Objects.requireNonNull(StreamKey.parse("live/a"));
    EventLoop loop = server.loops.next();
    Publication relay =
        LiveServer.on(
            loop, () -> server.hub.publish(key, PublisherInfo.relay("rtmp://origin", ""), loop));
    relay(loop, relay, Tags.metadata("videocodecid", "audiocodecid"));
    relay(loop, relay, video(332_004, AVC_HEADER), audio(332_004, AAC_HEADER));
    early.await(packed(AAC_HEADER));
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<byte[]> late = other.submit(() -> flvStart("live/a", 300));
      Await.until(SOON, "both", () -> server.hub.viewers() == 2);
      relay(loop, relay, video(332_004, key(0)));
      relay(loop, relay, video(332_044, inter(1) + "00".repeat(300)));
      String bytes = HexFormat.of().formatHex(late.get(90, TimeUnit.SECONDS));
      String at332004 = "0510e400000000"; // 24 bits, the 8 above them, stream 0
      assertThat(bytes)
          .contains(at332004 + packed(AVC_HEADER), at332004 + packed(AAC_HEADER))
          .contains(at332004 + packed(key(0)));
    }
    early.await(packed(key(0)));
    assertThat(early.media().subList(0, 3))
        .containsExactly(
            "V@332004 " + packed(AVC_HEADER),
            "A@332004 " + packed(AAC_HEADER),
            "V@332004 " + packed(key(0)));
    assertThat(early.lines().getFirst()).as("metadata is no subtitle").startsWith("S@0 ");
  }

  private static void relay(EventLoop loop, Publication to, FlvTag... tags) throws Exception {
    for (FlvTag tag : tags) {
      LiveServer.on(
          loop,
          () -> {
            to.onTag(tag);
            tag.release();
            return true;
          });
    }
  }

  @Test
  void trap36_httpFlvHasNoLengthIsNotCachedAndIsOpenToOtherPages() throws Exception {
    publish(video(0, AVC_HEADER), video(0, key(0)));
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<Void> head =
        client.send(
            HttpRequest.newBuilder(URI.create(server.flvUrl("live/a"))).HEAD().build(),
            HttpResponse.BodyHandlers.discarding());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("content-length")).isEmpty();
    assertThat(head.headers().firstValue("access-control-allow-origin")).contains("*");
    assertThat(head.headers().firstValue("cache-control").orElse("")).startsWith("no-");
    client.close();
  }

  @Test
  void trap37_aViewerBeforeThePublisherWaitsAndIsToldWhenNobodyComes() throws Exception {
    server = LiveServer.start();
    TagLog never = TagLog.play(server, "live/never");
    TagLog early = TagLog.play(server, "live/a");
    publish(video(0, AVC_HEADER), video(0, key(0)));
    early.await(packed(key(0)));
    never.awaitEnd();
    assertThat(Objects.requireNonNull(never.end()).kind()).isEqualTo(ClientEnd.Kind.NOT_FOUND);
    assertThat(Objects.requireNonNull(never.end()).detail()).contains("live/never");
    TagLog nameless = TagLog.play(server, "live/n%20o").awaitEnd();
    assertThat(Objects.requireNonNull(nameless.end()).kind()).isEqualTo(ClientEnd.Kind.NOT_FOUND);
  }

  private byte[] flvStart(String name, int bytes) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<java.io.InputStream> response =
        client.send(
            HttpRequest.newBuilder(URI.create(server.flvUrl(name))).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (java.io.InputStream body = response.body()) {
      assertThat(response.statusCode())
          .as(() -> new String(readAll(body), StandardCharsets.UTF_8))
          .isEqualTo(200);
      return body.readNBytes(bytes);
    } finally {
      client.shutdownNow();
    }
  }

  private static byte[] readAll(java.io.InputStream body) {
    try {
      return body.readAllBytes();
    } catch (java.io.IOException e) {
      return new byte[0];
    }
  }
}
