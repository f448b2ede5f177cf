package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
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
    public void playlist(
        StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told) {
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
}
