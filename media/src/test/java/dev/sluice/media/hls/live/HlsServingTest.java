package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.Wire;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What players get. */
@ExtendWith(LeakCheck.class)
class HlsServingTest extends HlsServing {
  @Test
  void aPlayerThatComesFirstGetsTheListWhenThereIsOne() throws Exception {
    MediaPlaylist list = watched(9_000);
    assertThat(list.firstMsn()).isEqualTo(Encoder.FIRST_MSN);
    assertThat(list.targetSeconds()).isEqualTo(2);
    assertThat(list.independent()).isTrue();
    assertThat(list.segments().getFirst().durationMs()).isEqualTo(2000);
    assertThat(list.segments().getFirst().dateMs()).isEqualTo(Encoder.WALL_ZERO);
  }

  @Test
  void aPlayerThatComesInTheMiddleOfASegmentGetsThatSegmentAndNotTheNextOnly() throws Exception {
    HlsServer.feed(sink, encoder.next(5_000));
    var first = server.ask(INDEX);
    awaitWaiting(1);
    HlsServer.feed(sink, encoder.next(1_400));
    MediaPlaylist list = PlaylistReader.read(text(get(first)));
    assertThat(list.firstMsn()).isEqualTo(Encoder.FIRST_MSN + 2);
    String segment = "/live/demo/abc/" + list.firstMsn() + ".m4s";
    try (HlsServer other = new HlsServer(null, HlsConfig.defaults())) {
      StreamListener.Sink watched = other.open("demo");
      other.streams.request(demo());
      HlsServer.feed(watched, new Encoder(0xabc).next(6_400));
      assertThat(get(segment).body()).isEqualTo(get(other.ask(segment)).body()).isNotEmpty();
      watched.closed(EndReason.SHUTDOWN);
    }
  }

  @Test
  void everythingListedCanBeHadAndASegmentIsItsParts() throws Exception {
    MediaPlaylist list = watched(9_000);
    for (ListedSegment segment : list.segments()) {
      ByteArrayOutputStream parts = new ByteArrayOutputStream();
      for (int i = 0; i < segment.parts().size(); i++) {
        HttpResponse<byte[]> part = get("/live/demo/abc/" + segment.msn() + "." + i + ".m4s");
        assertThat(part.statusCode()).isEqualTo(200);
        assertThat(part.headers().firstValue("Content-Type")).hasValue("video/mp4");
        parts.write(part.body());
      }
      if (segment.whole()) {
        HttpResponse<byte[]> whole = get("/live/demo/abc/" + segment.msn() + ".m4s");
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
        if (parts.size() > 0) {
          assertThat(whole.body()).isEqualTo(parts.toByteArray());
        }
      }
      String init = "/live/demo/abc/init-" + Long.toHexString(segment.config()) + ".mp4";
      assertThat(text(get(init))).isEqualTo("init true true");
    }
  }

  @Test
  void aPlaylistIsSentPackedToWhoTakesIt() throws Exception {
    watched(9_000);
    HttpResponse<byte[]> packed = get(INDEX, "Accept-Encoding", "gzip, br");
    assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("gzip");
    assertThat(packed.headers().firstValue("Vary")).hasValue("Accept-Encoding");
    assertThat(packed.headers().firstValue("Content-Type"))
        .hasValue("application/vnd.apple.mpegurl");
    byte[] plain = new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes();
    assertThat(plain).isEqualTo(get(INDEX).body());
    HttpResponse<byte[]> refused = get(INDEX, "Accept-Encoding", "gzip;q=0");
    assertThat(refused.headers().firstValue("Content-Encoding")).isEmpty();
  }

  @Test
  void anUpdateLeavesOutWhatTheListBeforeHad() throws Exception {
    watched(40_000);
    String whole = text(get(INDEX));
    String update = text(get(INDEX + "?_HLS_skip=YES"));
    assertThat(update).contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=").hasSizeLessThan(whole.length());
    assertThat(whole).endsWith(update.substring(update.indexOf("#EXT-X-PROGRAM-DATE-TIME")));
  }

  @Test
  void theMultivariantListSaysWhatAPlayerNeeds() throws Exception {
    watched(9_000);
    String text = text(get("/live/demo.m3u8"));
    assertThat(text)
        .contains("CODECS=\"avc1.64001f,mp4a.40.2\"")
        .contains("FRAME-RATE=25.000")
        .contains("\ndemo/index.m3u8\n")
        .as("a GOP may be too long yet")
        .doesNotContain("INDEPENDENT-SEGMENTS");
    assertThat(text(get("/live/demo.m3u8"))).isEqualTo(text);
  }

  @Test
  void anOldBoxGetsSegmentsOfMpegTsAndNothingThatItDoesNotKnow() throws Exception {
    MediaPlaylist list = watched(9_000);
    assertThat(text(get("/live/demo.m3u8?container=ts")))
        .contains("\ndemo/index.m3u8?container=ts\n");
    HttpResponse<byte[]> answer = get(INDEX + "?container=ts");
    assertThat(text(answer))
        .startsWith("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:")
        .doesNotContain("PART")
        .doesNotContain("MAP")
        .doesNotContain(".m4s");
    int listed = 0;
    for (ListedSegment segment : list.segments()) {
      String name = "abc/" + segment.msn() + ".ts";
      assertThat(text(answer).contains("\n" + name + "\n")).isEqualTo(segment.whole());
      HttpResponse<byte[]> ts = get("/live/demo/" + name);
      assertThat(ts.statusCode()).isEqualTo(segment.whole() ? 200 : 404);
      if (segment.whole()) {
        listed++;
        assertThat(ts.headers().firstValue("Content-Type")).hasValue("video/mp2t");
        assertThat(ts.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
        assertThat(text(ts))
            .isEqualTo("ts " + text(get("/live/demo/abc/" + segment.msn() + ".m4s")));
        assertThat(get("/live/demo/" + name).body()).isEqualTo(ts.body());
      }
    }
    assertThat(listed).isGreaterThan(2);
  }

  @Test
  void aStreamOfCodecsThatHlsCannotCarrySaysSoAtOnceAndWhatToDo() throws Exception {
    var waits = server.ask(INDEX);
    awaitWaiting(1);
    for (int ms = 0; ms <= 2000; ms += 40) {
      byte[] vp6 = Wire.hex(ms % 1000 == 0 ? "14 00 0000" : "24 00 0000");
      FlvTag sound = new FlvTag(TagType.AUDIO, ms, Wire.buffer(Wire.hex("56 0000")));
      HlsServer.feed(sink, List.of(new FlvTag(TagType.VIDEO, ms, Wire.buffer(vp6)), sound));
    }
    String why =
        "Pictures of codec vp6 cannot be put into HLS; expected: H.264, H.265, AV1 or VP9."
            + " Sound of codec nellymoser cannot be put into HLS; expected: AAC, MP3, Opus, FLAC or"
            + " AC-3. Watch it at /live/demo.flv or over RTMP,";
    assertThat(get(waits).statusCode()).isEqualTo(406);
    assertThat(text(get(waits))).contains(why);
    for (String path : List.of("/live/demo.m3u8", INDEX, INDEX + "?container=ts")) {
      HttpResponse<byte[]> answer = get(path);
      assertThat(answer.statusCode()).isEqualTo(406);
      assertThat(text(answer)).contains(why);
    }
    HlsServer.feed(sink, encoder.next(9_000)); // another publisher, with other codecs
    assertThat(get(INDEX).statusCode()).isEqualTo(200);
  }

  @Test
  void aContainerThatIsNoneIsRefusedWithWhatThereIs() throws Exception {
    watched(9_000);
    for (String path : new String[] {"/live/demo.m3u8", INDEX}) {
      HttpResponse<byte[]> answer = get(path + "?container=avi");
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(text(answer)).contains("container: avi (expected: ts,");
    }
  }

  @Test
  void aStreamThatEndedIsListedToItsEnd() throws Exception {
    MediaPlaylist list = watched(9_000);
    var waits = server.ask(INDEX + "?_HLS_msn=" + (list.lastMsn() + 1));
    awaitWaiting(1);
    HlsServer.feed(sink, encoder.stop());
    sink.closed(EndReason.STOPPED);
    assertThat(text(get(waits))).endsWith("#EXT-X-ENDLIST\n").doesNotContain("PRELOAD");
    assertThat(get("/live/demo/abc/" + list.firstMsn() + ".m4s").statusCode()).isEqualTo(200);
    server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
    Await.until("forgotten", () -> server.streams.request(demo()) == null);
    assertThat(get(INDEX).statusCode()).isEqualTo(404);
  }

  @Test
  void aStreamThatWasLostIsUnavailable() throws Exception {
    MediaPlaylist list = watched(9_000);
    var waits = server.ask(INDEX + "?_HLS_msn=" + (list.lastMsn() + 1));
    awaitWaiting(1);
    sink.closed(EndReason.UPSTREAM_LOST);
    assertThat(get(waits).statusCode()).isEqualTo(503);
  }

  @Test
  void aServerThatStopsDoesNotSayThatThereIsNoSuchStream() throws Exception {
    MediaPlaylist list = watched(9_000);
    var waits = server.ask(INDEX + "?_HLS_msn=" + (list.lastMsn() + 1));
    awaitWaiting(1);
    server.streams.close();
    assertThat(get(waits).statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/live/none/index.m3u8",
        "/live/none.m3u8",
        "/live/~demo/index.m3u8",
        "/live/a%22b/index.m3u8",
        "/live/a%20b.m3u8",
        "/live/demo/abc/1.m4s",
        "/live/demo/abd/1796000000.m4s",
        "/live/demo/abc/01796000000.m4s",
        "/live/demo/abc/x.m4s",
        "/live/demo/0abc/1796000000.m4s",
        "/live/demo/abc/1796000000.-1.m4s",
        "/live/demo/abc/-1.m4s",
        "/live/demo/abc/-1.ts",
        "/live/demo/abc/-1.-1.m4s",
        "/live/demo/abc/init-ffffffffffffffff.mp4",
        "/live/demo/abc/init-.mp4"
      })
  void whatIsNotThereIsNotFound(String path) throws Exception {
    watched(9_000);
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void whenNobodyAsksAnyMoreNothingIsKept() throws Exception {
    watched(9_000);
    assertThat(server.streams.context().memory().held()).isPositive();
    server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
    Await.until(
        "let go",
        () -> {
          HlsServer.feed(sink, encoder.next(400));
          return server.streams.context().memory().held() == 0;
        });
    assertThat(watched(9_000).firstMsn()).isGreaterThan(Encoder.FIRST_MSN + 3);
  }

  @Test
  void viewersAreCountedByAddressAndPlayerAndServersAreNone() throws Exception {
    watched(9_000);
    get(INDEX);
    assertThat(server.streams.viewers(demo())).isEqualTo(1);
    get(INDEX, "User-Agent", "another");
    get(INDEX, "User-Agent", "edge", "CDN-Loop", "eu-1");
    assertThat(server.streams.viewers()).isEqualTo(2);
    get("/live/~5.one.sig/demo/index.m3u8", "User-Agent", "another");
    get("/live/~6.one.sig2/demo/index.m3u8", "User-Agent", "renewed");
    assertThat(server.streams.viewers()).isEqualTo(3);
    server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(7));
    Await.until("left", () -> server.streams.viewers() == 0);
  }

  @Test
  void oneAddressIsCountedUpToALimitWhateverPlayersItNames() throws Exception {
    watched(9_000);
    server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(7));
    Await.until("left", () -> server.streams.viewers() == 0);
    for (int i = 0; i < HlsViewers.MOST_AGENTS + 10; i++) {
      get(INDEX, "User-Agent", "player " + i);
    }
    assertThat(server.streams.viewers()).isEqualTo(HlsViewers.MOST_AGENTS);
    server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(7));
    Await.until("left", () -> server.streams.viewers() == 0);
    get(INDEX, "User-Agent", "one more");
    assertThat(server.streams.viewers()).isEqualTo(1);
  }

  @Test
  void whoTriesManyNamesIsToldLaterThatThereIsNoSuchStream() throws Exception {
    long began = System.nanoTime();
    for (int i = 0; i < RefusalPace.FREE_NAMES + 2; i++) {
      String end = i % 2 == 0 ? ".m3u8" : "/index.m3u8";
      assertThat(get("/live/guess" + i + end).statusCode()).isEqualTo(404);
    }
    assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(300));
  }

  @Test
  void picturesThatComeLaterAreToldToThoseWhoComeThen() {
    HlsStream stream = Objects.requireNonNull(server.streams.request(demo()));
    var sound = new StreamPace.Variant(64_000, 64_000, "mp4a.40.2", 0, 0, 0);
    var both = new StreamPace.Variant(900_000, 800_000, "avc1.64001f,mp4a.40.2", 640, 360, 25);
    stream.measured(sound);
    assertThat(stream.variant()).isEqualTo(sound);
    stream.measured(both);
    assertThat(stream.variant()).isEqualTo(both);
    stream.measured(sound);
    assertThat(stream.variant()).isEqualTo(both);
  }

  @Test
  void oneStreamKeepsItsShareOfTheMemoryAndListsWhatItHas() throws Exception {
    MediaPlaylist list = watched(200_000);
    assertThat(list.segments().size()).isBetween(15, 17);
    for (ListedSegment segment : list.segments()) {
      if (segment.whole()) {
        assertThat(get("/live/demo/abc/" + segment.msn() + ".m4s").statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void anotherPublisherGoesOnInTheSameListAfterADiscontinuity() throws Exception {
    watched(9_000);
    HlsServer.feed(sink, encoder.stop());
    HlsServer.feed(sink, encoder.next(5_000));
    MediaPlaylist list = PlaylistReader.read(text(get(INDEX)));
    assertThat(list.firstMsn()).isEqualTo(Encoder.FIRST_MSN);
    assertThat(list.segments().stream().filter(ListedSegment::discontinuous).count()).isEqualTo(1);
  }
}
