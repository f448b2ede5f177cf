package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Names that are asked for and not there. */
class AbsentStreamsTest {
  /** An upstream that has nothing. */
  private static final class Nothing implements HlsUpstream {
    @Override
    public void media(HttpExchange exchange, String path) {
      exchange.respond(404, "text/plain", "");
    }

    @Override
    public void playlist(StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told) {
      told.accept(null);
    }
  }

  @Test
  void whoAsksForNamesThatAreNotThereKeepsNobodyElseOut() throws Exception {
    try (HlsServer server = new HlsServer(new Nothing(), HlsConfig.defaults())) {
      for (int i = 0; i < 12_000; i++) {
        StreamKey key = new StreamKey("live", "guess" + i);
        assertThat(server.streams.request(key)).as("name %d", i).isNotNull();
        server.hub.refuse(key, EndReason.NOT_FOUND);
        server.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
      }
    }
  }

  @Test
  void whoAsksForWhatIsNotThereIsNoViewer() throws Exception {
    try (HlsServer server = new HlsServer(new Nothing(), HlsConfig.defaults())) {
      var none = server.ask("/live/none/index.m3u8");
      StreamKey key = new StreamKey("live", "none");
      Await.until("asked", () -> Objects.requireNonNull(server.streams.request(key)).waiting() > 0);
      assertThat(server.streams.viewers()).isZero();
      server.hub.refuse(key, EndReason.NOT_FOUND);
      assertThat(none.get(90, TimeUnit.SECONDS).statusCode()).isEqualTo(404);
      assertThat(server.streams.viewers(key)).isZero();
    }
  }
}
