package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is handed through says all that the origin said, however many lines that took. */
class PassedHeadersTest {
  @TempDir Path dir;

  private static void answer(RawOrigin.Asked request, OutputStream out) throws IOException {
    RawOrigin.head(
        out,
        "200 OK",
        "ETag: \"a\"",
        "Cache-Control: max-age=60",
        "Cache-Control: private",
        "Vary: Accept",
        "Vary: User-Agent",
        "Content-Length: 2");
    out.write("hi".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void aSecondLineThatSaysPrivateReachesTheCachesBehindTheEdge() throws Exception {
    EventLoops loops = EventLoops.create(1);
    try (RawOrigin origin = new RawOrigin(PassedHeadersTest::answer);
        CacheTestNode node =
            new CacheTestNode(
                dir,
                ByteSize.ofMiB(64),
                ByteSize.ofMiB(8),
                loops,
                new ManualClock(),
                origin.url())) {
      View view = node.get("/vod/a");
      assertThat(view.status()).isEqualTo(200);
      assertThat(view.header("Cache-Status")).contains("bypass");
      assertThat(view.headers().allValues("Cache-Control"))
          .containsExactly("max-age=60", "private");
      assertThat(view.headers().allValues("Vary")).containsExactly("Accept", "User-Agent");
    } finally {
      loops.close();
    }
  }
}
