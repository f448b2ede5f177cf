package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawRtmp;
import dev.sluice.media.fixture.TagLog;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Trap 31 with {@code live.restartOnCodecChange}; without it, see {@code InteropTrapsTest}. */
@ExtendWith(LeakCheck.class)
class CodecChangeTest {
  private static final String AVC_HEADER = "17 00 000000 0164001e";
  private static final String AAC_HEADER = "af 00 1210";
  private static final String HEVC_HEADER = "90 68766331 0101600000";
  private static final String HEVC_KEY = "91 68766331 000000 00000002 26";

  /** What a viewer shows of {@link #HEVC_KEY}. */
  private static final String HEVC_SHOWN = packed(HEVC_KEY).substring(0, 24);

  private LiveServer server;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start(2, new LiveConfigBuilder().restartOnCodecChange().build());
  }

  @AfterEach
  void stop() {
    server.close();
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

  private static String sound(int number) {
    return String.format("af 01 21%02x", number);
  }

  private static String packed(String hex) {
    return hex.replace(" ", "");
  }

  private TestPublisher publish(FlvTag... tags) throws Exception {
    TestPublisher publisher = TestPublisher.connect(server, "live/a").accepted();
    send(publisher, tags);
    return publisher;
  }

  private static void send(TestPublisher publisher, FlvTag... tags) throws Exception {
    for (FlvTag tag : tags) {
      publisher.send(tag);
    }
  }

  @Test
  void trap31_whenToldToTheServerRestartsViewersAtTheFirstPictureOfAnotherCodec() throws Exception {
    TestPublisher publisher =
        publish(video(0, AVC_HEADER), audio(0, AAC_HEADER), video(0, key(0)), audio(0, sound(0)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(sound(0)));
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.flvUrl("live/a"))).build();
    AmfValue edge = AmfValue.of("rtmp://127.0.0.1/live?via=eu-1");
    try (InputStream http = client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
        RawRtmp relay = RawRtmp.connect(server, Map.of("tcUrl", edge))) {
      relay.command(1, "play", 0, AmfValue.Nothing.NULL, AmfValue.of("a"));
      relay.await(packed(sound(0)));
      assertThat(http.readNBytes(13)).hasSize(13);

      send(publisher, video(40, "17 00 000000 01640028"), video(40, key(1)), audio(40, sound(1)));
      viewer.await(packed(sound(1)));
      assertThat(viewer.end()).as("another picture size is not another codec").isNull();

      send(publisher, video(80, HEVC_HEADER), audio(80, sound(2)));
      viewer.await(packed(sound(2)));
      TagLog between = TagLog.play(server, "live/a").await(packed(sound(2)));
      assertThat(between.media()).contains("V@40 " + packed(key(1)));
      assertThat(viewer.end()).isNull();

      send(publisher, video(120, HEVC_KEY), audio(120, sound(3)));
      viewer.awaitEnd();
      between.awaitEnd();
      TagLog again = TagLog.play(server, "live/a").await(packed(sound(3)));
      assertThat(again.media())
          .containsExactly(
              "V@120 " + packed(HEVC_HEADER),
              "A@120 " + packed(AAC_HEADER),
              "V@120 " + HEVC_SHOWN,
              "A@120 " + packed(sound(3)));
      assertThat(again.end()).isNull();
      for (TagLog ended : List.of(viewer, between)) {
        assertThat(ended.media()).noneMatch(line -> line.endsWith(HEVC_SHOWN));
      }
      assertThat(http.readAllBytes()).as("its last chunk came").isNotEmpty();
      relay.await(HEVC_SHOWN).await(packed(sound(3)));
      assertThat(relay.count("closed")).as("an edge restarts its own viewers").isZero();
      assertThat(server.meters.scrape()).contains("disconnects_total{reason=\"codec_changed\"} 3");
    } finally {
      client.shutdownNow();
    }
  }

  @Test
  void trap31_whenToldToTheServerRestartsViewersOfSoundAloneAtOnce() throws Exception {
    TestPublisher publisher = publish(audio(0, AAC_HEADER), audio(0, sound(0)));
    TagLog viewer = TagLog.play(server, "live/a").await(packed(sound(0)));
    String mp3 = "2f fffb9064";
    send(publisher, audio(23, mp3), audio(46, mp3));
    viewer.awaitEnd();
    assertThat(viewer.media()).noneMatch(line -> line.endsWith(packed(mp3)));
    TagLog again = TagLog.play(server, "live/a").await(packed(mp3));
    assertThat(again.media()).allMatch(line -> !line.endsWith(packed(sound(0))));
  }
}
