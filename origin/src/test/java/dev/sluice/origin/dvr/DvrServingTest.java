package dev.sluice.origin.dvr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.hls.HlsNames;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistChecks;
import dev.sluice.media.hls.live.HlsConfig;
import dev.sluice.media.hls.live.HlsHandlers;
import dev.sluice.media.hls.live.HlsStreams;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.Publication;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What viewers get who go back, of a stream of sound in the time of its tags. */
@ExtendWith(LeakCheck.class)
class DvrServingTest {
  private static final StreamKey KEY = new StreamKey("live", "radio");
  private static final String INDEX = "/live/radio/index.m3u8";

  private final EventLoops loops = EventLoops.create(1);
  private final EventLoop loop = loops.next();
  private final Meters meters = new Meters();
  private final LiveHub hub = new LiveHub(LiveConfig.defaults(), meters);
  private final MemoryDvrDisk disk = new MemoryDvrDisk();
  private final AtomicLong nanos = new AtomicLong();
  private final HttpClient client = HttpClient.newHttpClient();
  private final PlaylistChecks checks = new PlaylistChecks();
  private DvrStore store;
  private HlsStreams streams;
  private HttpServer http;
  private Publication encoder;
  private long samples;

  @BeforeEach
  void start() throws Exception {
    DvrConfig config =
        new DvrConfig(
            Duration.ofHours(1), List.of("*"), ByteSize.ofMiB(100), "", ByteSize.ofMiB(64));
    store = new DvrStore(config, disk, meters, InstantSource.system(), nanos::get);
    store.start();
    streams = new HlsStreams(HlsConfig.defaults(), hub, loops, null, meters);
    streams.keepIn(store);
    hub.listen(streams);
    streams.start();
    Routes routes = new Routes();
    new HlsHandlers(streams).add(routes, handler -> handler);
    http = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test");
    http.start();
    encoder = on(() -> hub.publish(KEY, PublisherInfo.encoder("x", ""), loop));
    send(new byte[] {(byte) 0xAF, 0, 0x12, 0x10});
    Await.until(
        "cut",
        () -> {
          play(100);
          return hub.dates().zeroWallMs(KEY).isPresent();
        });
  }

  @AfterEach
  void stop() {
    client.close();
    http.close();
    streams.close();
    hub.close();
    store.close();
    meters.close();
    loops.close();
  }

  private <T> T on(Callable<T> work) {
    try {
      return loop.submit(work).get(90, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void send(byte[] body) {
    long ms = samples * 1000 / 44_100;
    on(
        () -> {
          FlvTag tag = new FlvTag(TagType.AUDIO, ms, Unpooled.wrappedBuffer(body));
          encoder.onTag(tag);
          tag.release();
          return true;
        });
  }

  /** So much sound, no faster than the disk is. */
  private void play(long ms) {
    for (long played = 0; played < ms; played += 2_000) {
      playAtOnce(Math.min(2_000, ms - played));
      Await.until("written", () -> store.queuedBytes() == 0);
    }
  }

  private void playAtOnce(long ms) {
    long until = samples + ms * 44_100 / 1000;
    for (; samples < until; samples += 1024) {
      byte[] body = new byte[200];
      body[0] = (byte) 0xAF;
      body[1] = 1;
      body[2] = (byte) (samples / 1024);
      send(body);
    }
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + http.address().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
  }

  private MediaPlaylist list(String path) throws Exception {
    HttpResponse<byte[]> answer = get(path);
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    assertThat(answer.statusCode()).as(text).isEqualTo(200);
    return Objects.requireNonNull(checks.playlist(text), checks.faults().toString());
  }

  private void awaitKept(String result, int count) {
    Await.until(
        count + " " + result, () -> meters.counter(DvrMeters.KEPT, result).count() >= count);
  }

  /** All that is listed as being there is there. */
  private void assertThere(MediaPlaylist list) throws Exception {
    for (ListedSegment each : list.segments()) {
      if (each.whole() && !each.gap()) {
        String name = HlsNames.segment(list.incarnation(), each.msn());
        HttpResponse<byte[]> answer = get("/live/radio/" + name);
        assertThat(answer.statusCode()).as(name).isEqualTo(200);
        assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("video/mp4");
        String init = HlsNames.init(list.incarnation(), each.config());
        assertThat(get("/live/radio/" + init).statusCode()).isEqualTo(200);
      }
    }
    assertThat(checks.faults()).isEmpty();
  }

  @Test
  void whoComesLateCanGoBackToTheStart() throws Exception {
    play(200_000);
    awaitKept("written", 90);
    MediaPlaylist list = list(INDEX);
    assertThat(list.segments().size()).isGreaterThan(90);
    assertThat(list.segments()).noneMatch(ListedSegment::gap);
    assertThat(list.endMs() - list.segments().getFirst().dateMs()).isGreaterThan(197_000);
    assertThere(list);
    String update = new String(get(INDEX + "?_HLS_skip=YES").body(), StandardCharsets.UTF_8);
    checks.update(update);
    assertThat(update).contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=").hasSizeLessThan(5_000);
    assertThere(list);
    assertThat(get("/live/radio/" + list.incarnation() + ".m3u8").statusCode()).isEqualTo(404);
    String run = "/live/radio/" + Long.toHexString(list.incarnation()) + ".m3u8";
    assertThat(list(run).firstMsn()).isEqualTo(list.firstMsn());
  }

  @Test
  void aFullDiskLeavesAGapAndTheStreamGoesOn() throws Exception {
    play(60_000);
    awaitKept("written", 25);
    disk.room(0);
    play(30_000);
    awaitKept("disk_full", 1);
    Await.until("state", () -> store.state().state().equals("disk_full"));
    MediaPlaylist soon = list(INDEX);
    assertThat(soon.segments()).as("memory has it all").noneMatch(ListedSegment::gap);
    assertThere(soon);
    disk.room(Long.MAX_VALUE);
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    play(120_000);
    awaitKept("written", 25 + 50);
    assertThat(store.state().state()).isEqualTo("recording");
    MediaPlaylist list = list(INDEX);
    List<Long> gaps =
        list.segments().stream().filter(ListedSegment::gap).map(ListedSegment::msn).toList();
    assertThat(gaps).hasSizeBetween(14, 16);
    assertThat(gaps.getLast() - gaps.getFirst()).isEqualTo(gaps.size() - 1);
    assertThat(list.firstMsn()).isEqualTo(soon.firstMsn());
    assertThere(list);
  }

  @Test
  void aStreamThatIsOverCanStillBeSeenUnderTheSameNames() throws Exception {
    play(100_000);
    awaitKept("written", 40);
    MediaPlaylist live = list(INDEX);
    on(
        () -> {
          encoder.close(EndReason.STREAM_ENDED, Duration.ZERO);
          return true;
        });
    Await.until("over", () -> store.ended(KEY, 0) != null);
    streams.close(); // as when nobody asked for a minute
    HlsStreams later = new HlsStreams(HlsConfig.defaults(), hub, loops, null, new Meters());
    later.keepIn(store);
    Routes routes = new Routes();
    new HlsHandlers(later).add(routes, handler -> handler);
    http.close();
    http = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test");
    http.start();
    MediaPlaylist over = list(INDEX);
    assertThat(over.ended()).isTrue();
    assertThat(over.incarnation()).isEqualTo(live.incarnation());
    assertThat(over.firstMsn()).isEqualTo(live.firstMsn());
    assertThat(over.lastMsn()).isGreaterThanOrEqualTo(live.lastMsn());
    assertThere(over);
    String multivariant = new String(get("/live/radio.m3u8").body(), StandardCharsets.UTF_8);
    assertThat(multivariant).contains("radio/index.m3u8", "CODECS=\"mp4a.40.2\"");
    assertThat(list("/live/radio/" + Long.toHexString(over.incarnation()) + ".m3u8"))
        .isEqualTo(over);
    assertThat(get("/live/other/index.m3u8").statusCode()).isEqualTo(404);
  }
}
