package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.LeakCheck;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The picture that stands for a stream. */
@ExtendWith(LeakCheck.class)
class ThumbnailTest {
  private static final String PICTURE = "/live/demo/thumbnail.mp4";
  private static final StreamKey DEMO = new StreamKey("live", "demo");

  private final Encoder encoder = new Encoder(0xabc);
  private @Nullable HlsServer running;

  @AfterEach
  void stop() {
    if (running != null) {
      running.close();
    }
  }

  private HlsServer start(@Nullable HlsUpstream upstream) throws Exception {
    running = new HlsServer(upstream, HlsConfig.defaults());
    return running;
  }

  private static HttpResponse<byte[]> get(HlsServer server, String path) throws Exception {
    return server.ask(path).get(90, TimeUnit.SECONDS);
  }

  /** An upstream that has every picture, and notes what it is asked. */
  private static final class Asked implements HlsUpstream {
    final List<String> paths = new CopyOnWriteArrayList<>();

    @Override
    public void media(HttpExchange exchange, String path) {
      paths.add(path);
      exchange.respond(200, "video/mp4", "its own");
    }

    @Override
    public void playlist(StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told) {
      told.accept(null);
    }
  }

  @Test
  void itIsTheNewestKeyframeAloneThoughNobodyWatches() throws Exception {
    HlsServer server = start(null);
    StreamListener.Sink sink = server.open("demo");
    HlsServer.feed(sink, encoder.next(3_000));
    HttpResponse<byte[]> answer = get(server, PICTURE);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("video/mp4");
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("public, max-age=2");
    assertThat(new String(answer.body(), StandardCharsets.US_ASCII))
        .startsWith("init true false")
        .endsWith("\nVIDEO0 4000\n");
    assertThat(server.hub.demand(DEMO)).as("nothing is wanted").isZero();
    sink.closed(EndReason.STOPPED);
    assertThat(get(server, PICTURE).statusCode()).isEqualTo(404);
  }

  @Test
  void itIsMadeOnceForAKeyframe() throws Exception {
    HlsServer server = start(null);
    StreamListener.Sink sink = server.open("demo");
    HlsServer.feed(sink, encoder.next(1_000));
    byte[] first = server.streams.thumbnail(DEMO);
    HlsServer.feed(sink, encoder.next(900));
    assertThat(server.streams.thumbnail(DEMO)).isNotNull().isSameAs(first);
    HlsServer.feed(sink, encoder.next(200));
    assertThat(server.streams.thumbnail(DEMO)).isNotNull().isNotSameAs(first);
    sink.closed(EndReason.STOPPED);
  }

  @Test
  void aNameThatNobodyPublishesStartsNothing() throws Exception {
    HlsServer server = start(null);
    assertThat(get(server, PICTURE).statusCode()).isEqualTo(404);
    assertThat(get(server, "/live/~demo/thumbnail.mp4").statusCode()).isEqualTo(404);
    assertThat(get(server, "/live/a%22b/thumbnail.mp4").statusCode()).isEqualTo(404);
    assertThat(server.hub.demand(DEMO)).isZero();
  }

  @Test
  void whereTheStreamIsNotTheUpstreamIsAskedForThePictureAndNotForTheStream() throws Exception {
    Asked upstream = new Asked();
    HlsServer server = start(upstream);
    String withToken = "/live/~5.one.sig/demo/thumbnail.mp4";
    assertThat(new String(get(server, PICTURE).body(), StandardCharsets.US_ASCII))
        .isEqualTo("its own");
    get(server, withToken);
    assertThat(upstream.paths).containsExactly(PICTURE, PICTURE);
    assertThat(server.hub.demand(DEMO)).isZero();
    StreamListener.Sink sink = server.open("demo");
    HlsServer.feed(sink, encoder.next(1_000));
    assertThat(get(server, withToken).statusCode()).isEqualTo(200);
    assertThat(upstream.paths).as("it is here now").hasSize(2);
    sink.closed(EndReason.STOPPED);
  }
}
