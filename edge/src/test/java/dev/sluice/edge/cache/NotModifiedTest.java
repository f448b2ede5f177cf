package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class NotModifiedTest {
  private static final long NOW = 1_000_000_000_000L;
  private static final Freshness.Defaults DEFAULTS =
      new Freshness.Defaults(Duration.ofSeconds(60), Duration.ofSeconds(600));

  @TempDir Path dir;

  private static HttpHeaders headers(String... pairs) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.add(pairs[i], pairs[i + 1]);
    }
    return headers;
  }

  private static CachedObject stored(String etag, String modified, String control, String expires) {
    HttpHeaders said = headers();
    if (control != null) {
      said.add("Cache-Control", control);
    }
    if (expires != null) {
      said.add("Expires", expires);
    }
    return CachedObject.of(
        "/vod/a",
        new FileHead(etag, modified, 10, "video/x-flv", control, expires),
        Freshness.of(said, DEFAULTS, NOW - 5000),
        1);
  }

  private static CachedObject confirmed(CachedObject stored, String... pairs) {
    NotModified.Verdict verdict = NotModified.apply(stored, headers(pairs), DEFAULTS, NOW);
    assertThat(verdict).isInstanceOf(NotModified.Confirmed.class);
    return ((NotModified.Confirmed) verdict).object();
  }

  @Test
  void a304WithoutCacheControlLeavesNoCacheInForce() {
    CachedObject after = confirmed(stored("\"a\"", null, "no-cache", null), "ETag", "\"a\"");
    assertThat(after.freshUntilMs()).isLessThanOrEqualTo(NOW);
    assertThat(after.staleUntilMs()).isLessThanOrEqualTo(NOW);
    assertThat(after.cacheControl()).isEqualTo("no-cache");
  }

  @Test
  void a304WithoutCacheControlLeavesMaxAgeAndExpiresInForce() {
    assertThat(confirmed(stored("\"a\"", null, "max-age=7", null)).freshUntilMs())
        .isEqualTo(NOW + 7000);
    assertThat(confirmed(stored("\"a\"", null, null, "0")).freshUntilMs()).isEqualTo(NOW);
    assertThat(
            confirmed(
                    stored("\"a\"", null, null, "Fri, 02 Jan 2026 03:04:35 GMT"),
                    "Date",
                    "Fri, 02 Jan 2026 03:04:05 GMT")
                .freshUntilMs())
        .isEqualTo(NOW + 30_000);
    assertThat(confirmed(stored("\"a\"", null, "max-age=7, must-revalidate", null)).staleUntilMs())
        .isEqualTo(NOW + 7000);
  }

  @Test
  void a304ReplacesWhatItNames() {
    CachedObject after =
        confirmed(
            stored("\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT", "max-age=7", null),
            "ETag",
            "W/\"a\"",
            "Last-Modified",
            "Sun, 06 Nov 1994 08:49:38 GMT",
            "Cache-Control",
            "max-age=9",
            "Content-Type",
            "text/html",
            "Content-Length",
            "0",
            "Age",
            "2");
    assertThat(after.freshUntilMs()).isEqualTo(NOW + 7000);
    assertThat(after.cacheControl()).isEqualTo("max-age=9");
    assertThat(after.lastModified()).endsWith(":38 GMT");
    assertThat(after.etag()).isEqualTo("\"a\"");
    assertThat(after.contentType()).isEqualTo("video/x-flv");
    assertThat(after.length()).isEqualTo(10);
    assertThat(after.sameVersion(stored("\"a\"", null, null, null))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'\"a\"', '', ETag, '\"b\"'",
    "'\"a\"', '', ETag, 'W/\"b\"'",
    "'W/\"a\"', '', ETag, 'W/\"b\"'",
    "'', 'Sun, 06 Nov 1994 08:49:37 GMT', ETag, '\"b\"'",
    "'', 'Sun, 06 Nov 1994 08:49:37 GMT', Last-Modified, 'Sun, 06 Nov 1994 08:49:38 GMT'",
    "'\"a\"', 'Sun, 06 Nov 1994 08:49:37 GMT', Last-Modified, 'Sun, 06 Nov 1994 08:49:38 GMT'",
  })
  void a304OfAnotherVersionSaysNothing(String etag, String modified, String field, String value) {
    CachedObject stored =
        stored(etag.isEmpty() ? null : etag, modified.isEmpty() ? null : modified, null, null);
    assertThat(NotModified.apply(stored, headers(field, value), DEFAULTS, NOW))
        .isInstanceOf(NotModified.AnotherVersion.class);
  }

  @ParameterizedTest
  @CsvSource({"Cache-Control, no-store", "Cache-Control, private", "Vary, *", "Vary, Cookie"})
  void a304CanForbidToKeep(String field, String value) {
    assertThat(
            NotModified.apply(
                stored("\"a\"", null, null, null), headers(field, value), DEFAULTS, NOW))
        .isInstanceOf(NotModified.NotToBeKept.class);
  }

  @Test
  void aNoCacheFileIsAskedForAgainAfterA304ThatSaysNothing() throws Exception {
    byte[] film = {1, 2, 3};
    try (Rig rig =
        new Rig(
            (request, out) -> {
              if (request.header("If-None-Match").isEmpty()) {
                RawOrigin.file(request, out, film, "ETag: \"a\"", "Cache-Control: no-cache");
              } else {
                RawOrigin.head(out, "304 Not Modified", "ETag: \"a\"");
              }
            })) {
      for (int asked = 1; asked <= 3; asked++) {
        View view = rig.node.get("/vod/a");
        assertThat(view.body()).isEqualTo(film);
        assertThat(view.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(rig.origin.asked).hasSize(asked);
      }
    }
  }

  @Test
  void a304ThatNamesAnotherTagIsNotTakenAndTheFileFetchedAnew() throws Exception {
    byte[] film = {1, 2, 3};
    byte[] other = {4, 5, 6};
    try (Rig rig =
        new Rig(
            (request, out) ->
                RawOrigin.file(request, out, film, "ETag: \"a\"", "Cache-Control: max-age=1"))) {
      rig.node.get("/vod/a");
      rig.clock.advance(Duration.ofSeconds(2));
      rig.origin.script =
          (request, out) -> {
            if (request.header("If-None-Match").isEmpty()) {
              RawOrigin.file(request, out, other, "ETag: \"b\"");
            } else {
              RawOrigin.head(out, "304 Not Modified", "ETag: \"b\"");
            }
          };
      View view = rig.node.get("/vod/a");
      assertThat(view.body()).isEqualTo(other);
      assertThat(view.header("ETag")).isEqualTo("\"b\"");
    }
  }

  /** An edge and a scripted origin. */
  private final class Rig implements AutoCloseable {
    final ManualClock clock = new ManualClock();
    final EventLoops loops = EventLoops.create(1);
    final RawOrigin origin;
    final CacheTestNode node;

    Rig(RawOrigin.Script script) throws Exception {
      origin = new RawOrigin(script);
      node =
          new CacheTestNode(dir, ByteSize.ofMiB(16), ByteSize.ofMiB(8), loops, clock, origin.url());
    }

    @Override
    public void close() throws java.io.IOException {
      node.close();
      origin.close();
      loops.close();
    }
  }
}
