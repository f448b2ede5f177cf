package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Issue 7, number 6: an origin that answers what was not asked is at fault, and no viewer is told
 * that it was the viewer's.
 */
class UnaskedAnswersTest {
  private static final String[] RANGE = {"Range", "bytes=0-1"};

  @TempDir Path dir;
  private final EventLoops loops = EventLoops.create(1);

  @AfterEach
  void stop() {
    loops.close();
  }

  private CacheTestNode node(RawOrigin... origins) throws Exception {
    java.net.URI[] urls = new java.net.URI[origins.length];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = origins[i].url();
    }
    return new CacheTestNode(
        dir, ByteSize.ofMiB(64), ByteSize.ofMiB(8), loops, new ManualClock(), urls);
  }

  private static RawOrigin always(String status) throws Exception {
    return new RawOrigin((request, out) -> RawOrigin.head(out, status, "Content-Length: 0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "407 Proxy Authentication Required",
        "411 Length Required",
        "412 Precondition Failed",
        "413 Content Too Large",
        "415 Unsupported Media Type",
        "416 Range Not Satisfiable",
        "417 Expectation Failed"
      })
  void aRefusalOfWhatTheViewerDidNotSayIsABadGateway(String status) throws Exception {
    try (RawOrigin origin = always(status);
        CacheTestNode node = node(origin)) {
      assertThat(node.get("/vod/a").status()).isEqualTo(502);
      assertThat(node.get("/vod/b", RANGE).status()).isEqualTo(502);
    }
  }

  @Test
  void theNextOriginIsAskedBehindOneThatRefusesWhatWasNotSaid() throws Exception {
    try (RawOrigin bad = always("416 Range Not Satisfiable");
        RawOrigin good =
            new RawOrigin(
                (request, out) ->
                    RawOrigin.file(
                        request, out, "hello".getBytes(StandardCharsets.UTF_8), "ETag: \"a\""));
        CacheTestNode node = node(bad, good)) {
      View view = node.get("/vod/a");
      assertThat(view.status()).isEqualTo(200);
      assertThat(new String(view.body(), StandardCharsets.UTF_8)).isEqualTo("hello");
    }
  }

  @Test
  void ofAFileThatIsNotKeptTheViewersOwnRangeMayBeRefusedAndNoOther() throws Exception {
    RawOrigin.Script later =
        (request, out) -> RawOrigin.head(out, "416 Range Not Satisfiable", "Content-Length: 0");
    try (RawOrigin origin = always("200 OK");
        CacheTestNode node = node(origin)) {
      for (String path : new String[] {"/vod/a", "/vod/b"}) {
        origin.script =
            (request, out) -> {
              origin.script = later;
              RawOrigin.head(out, "200 OK", "Cache-Control: no-store", "Content-Length: 0");
            };
        boolean ranged = path.equals("/vod/b");
        View view = ranged ? node.get(path, "Range", "bytes=9-") : node.get(path);
        assertThat(view.status()).as(path).isEqualTo(ranged ? 416 : 502);
      }
    }
  }
}
