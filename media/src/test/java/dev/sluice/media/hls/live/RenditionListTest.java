package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistChecks;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.live.Publication;
import dev.sluice.media.live.StreamStats;
import dev.sluice.media.rendition.RenditionNames;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.channel.EventLoop;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What players get of several bitrates at an origin. */
@ExtendWith(LeakCheck.class)
class RenditionListTest {
  private HlsServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        new HlsServer(
            null, HlsConfig.defaults(), new LiveConfigBuilder().tracksWait(Duration.ZERO).build());
    server.hub.renditions().names(new RenditionNames(List.of("_720", "_480")));
    server.hub.listen(server.streams);
  }

  @AfterEach
  void stop() {
    server.hub.close();
    server.close();
  }

  private int played;

  /** A stream of pictures of 40 ms. */
  private final class Encoder {
    private final EventLoop loop = server.loops.next();
    private final Publication to;
    private final int bytes;
    private int gop = 50;

    Encoder(String name, int bytes) throws Exception {
      this.bytes = bytes;
      PublisherInfo from = PublisherInfo.encoder("127.0.0.1", "");
      to = on(() -> server.hub.publish(new StreamKey("live", name), from, loop));
      send(Tags.avcHeader(30));
    }

    private <T> T on(Callable<T> work) throws Exception {
      return loop.submit(work).get(90, TimeUnit.SECONDS);
    }

    private void send(FlvTag tag) throws Exception {
      on(
          () -> {
            to.onTag(tag);
            tag.release();
            return true;
          });
    }

    void picture(int i) throws Exception {
      send(i % gop == 0 ? Tags.keyframe(i * 40L, i, bytes) : Tags.inter(i * 40L, i, bytes));
    }

    void close() throws Exception {
      on(
          () -> {
            to.close(EndReason.STREAM_ENDED);
            return true;
          });
    }
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return server.ask(path).get(90, TimeUnit.SECONDS);
  }

  private String text(String path) throws Exception {
    HttpResponse<byte[]> answer = get(path);
    String text = new String(answer.body(), StandardCharsets.US_ASCII);
    assertThat(answer.statusCode()).as(text).isEqualTo(200);
    return text;
  }

  private StreamStats stats(String name) {
    return Objects.requireNonNull(server.hub.stream(new StreamKey("live", name)));
  }

  private void play(int count, Encoder... all) throws Exception {
    for (int until = played + count; played < until; played++) {
      for (Encoder each : all) {
        each.picture(played);
      }
    }
  }

  /** The list of the group, asked for while they play: each mark is a reason to look again. */
  private String list(Encoder... all) throws Exception {
    CompletableFuture<HttpResponse<byte[]>> answer = server.ask("/live/a.m3u8");
    Await.until(
        "a list",
        () -> {
          try {
            play(1, all);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
          return answer.isDone();
        });
    assertThat(answer.get().statusCode()).isEqualTo(200);
    return new String(answer.get().body(), StandardCharsets.US_ASCII);
  }

  @Test
  void oneListHasAllRenditionsTheBestFirstAndTheirSegmentsAreTheSame() throws Exception {
    Encoder small = new Encoder("a_480", 300);
    Encoder big = new Encoder("a_720", 900);
    play(260, big, small);
    String list = list(big, small);
    List<String> uris = list.lines().filter(line -> !line.startsWith("#")).toList();
    assertThat(uris).as(list).containsExactly("a_720/index.m3u8", "a_480/index.m3u8");
    assertThat(list).contains("BANDWIDTH=", "AVERAGE-BANDWIDTH=", "CODECS=", "FRAME-RATE=25.000");
    CompletableFuture<?> one = server.ask("/live/a_720/index.m3u8");
    CompletableFuture<?> two = server.ask("/live/a_480/index.m3u8");
    play(340, big, small);
    one.get(90, TimeUnit.SECONDS);
    two.get(90, TimeUnit.SECONDS);
    MediaPlaylist first = PlaylistReader.read(text("/live/a_720/index.m3u8"));
    MediaPlaylist second = PlaylistReader.read(text("/live/a_480/index.m3u8"));
    assertThat(first.incarnation()).isEqualTo(second.incarnation());
    assertThat(first.targetSeconds()).isEqualTo(second.targetSeconds());
    assertThat(first.lastMsn()).isEqualTo(second.lastMsn());
    assertThat(first.segments().getLast().dateMs()).isEqualTo(second.segments().getLast().dateMs());
    reportsAreTrue();
    assertThat(stats("a_480").renditionOf()).isEqualTo("live/a");
    assertThat(stats("a_480").apart()).isEmpty();
    assertThat(list(big, small)).as("what was told stays").isEqualTo(list);
    assertThat(text("/live/a_480.m3u8")).as("alone too").contains("a_480/index.m3u8");
  }

  private void reportsAreTrue() throws Exception {
    PlaylistChecks checks = new PlaylistChecks();
    String own = text("/live/a_720/index.m3u8");
    checks.playlist(own);
    checks.sibling("a_480", PlaylistReader.read(text("/live/a_480/index.m3u8")));
    checks.update(text("/live/a_720/index.m3u8?_HLS_skip=YES"));
    assertThat(checks.faults()).as(own).isEmpty();
    assertThat(text("/live/a_720/index.m3u8?container=ts")).doesNotContain("RENDITION-REPORT");
  }

  @Test
  void aRenditionWithOtherKeyframesIsListedApartAndItIsSaidWhy() throws Exception {
    Encoder big = new Encoder("a_720", 900);
    Encoder small = new Encoder("a_480", 300);
    small.gop = 40;
    play(400, big, small);
    assertThat(list(big, small)).contains("a_720/index.m3u8").doesNotContain("a_480");
    assertThat(text("/live/a_480.m3u8")).contains("a_480/index.m3u8");
    assertThat(stats("a_480").apart()).contains("keyframes").contains("3 GOPs");
    assertThat(stats("a_480").renditionOf()).isEmpty();
    assertThat(stats("a_720").renditionOf()).isEqualTo("live/a");
  }

  @Test
  void aRenditionThatIsGoneIsNotListedAndOneThatComesIs() throws Exception {
    Encoder big = new Encoder("a", 900);
    Encoder small = new Encoder("a_480", 300);
    play(260, big, small);
    assertThat(list(big, small)).contains("a/index.m3u8", "a_480/index.m3u8");
    small.close();
    play(40, big);
    assertThat(list(big)).doesNotContain("a_480");
    Encoder again = new Encoder("a_480", 300);
    play(300, big, again);
    assertThat(list(big, again)).contains("a/index.m3u8", "a_480/index.m3u8");
  }

  @Test
  void aNameThatNobodyPublishesIsNotThere() throws Exception {
    assertThat(get("/live/b.m3u8").statusCode()).isEqualTo(404);
  }
}
