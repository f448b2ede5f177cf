package dev.sluice.origin.files;

import static dev.sluice.origin.files.FilesServer.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What clients of the files calls see, whatever the store behind them is. */
public interface FilesApiContract {

  /** Serves a store that is empty at first. */
  FilesServer server();

  /** From here on {@link #server} is another one, with the same files. */
  void restart(StoreLimits limits) throws IOException;

  static String etag(byte[] content) {
    return '"' + HexFormat.of().formatHex(ContentDigests.digest("SHA-256").digest(content)) + '"';
  }

  static String etag(String content) {
    return etag(content.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("none");
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  @Test
  default void takesChunkedUploadsAndReplacesFiles() throws Exception {
    HttpResponse<String> first =
        server()
            .send(
                server()
                    .request("/vod/a/b.txt", "Authorization", TOKEN)
                    .PUT(
                        BodyPublishers.ofInputStream(
                            () -> new ByteArrayInputStream("chunked".getBytes()))));
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(first.body()).contains("\"path\":\"a/b.txt\"", "\"size\":7");
    HttpResponse<String> second = server().put("/vod/a/b.txt", "second");
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(server().get("/vod/a/b.txt").body()).isEqualTo("second");
    assertThat(server().put("/vod/empty", "").statusCode()).isEqualTo(201);
    assertThat(server().get("/vod/empty").body()).isEmpty();
  }

  @Test
  default void answersRangesAndConditions() throws Exception {
    server().put("/vod/film.flv", "0123456789");
    HttpResponse<String> whole = server().get("/vod/film.flv");
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(header(whole, "content-type")).isEqualTo("video/x-flv");
    assertThat(header(whole, "cache-control")).isEqualTo("public, max-age=60");
    assertThat(header(whole, "accept-ranges")).isEqualTo("bytes");
    HttpResponse<String> part = server().get("/vod/film.flv", "Range", "bytes=2-4");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("234");
    assertThat(header(part, "content-range")).isEqualTo("bytes 2-4/10");
    assertThat(server().get("/vod/film.flv", "Range", "bytes=-3").body()).isEqualTo("789");
    assertThat(server().get("/vod/film.flv", "Range", "bytes=10-").statusCode()).isEqualTo(416);
    String etag = etag("0123456789");
    assertThat(server().get("/vod/film.flv", "If-None-Match", etag).statusCode()).isEqualTo(304);
    assertThat(server().get("/vod/film.flv", "Range", "bytes=2-4", "If-Range", etag).statusCode())
        .isEqualTo(206);
    server().put("/vod/film.flv", "other");
    assertThat(server().get("/vod/film.flv", "Range", "bytes=2-4", "If-Range", etag).statusCode())
        .isEqualTo(200);
    HttpResponse<String> head =
        server().send(server().request("/vod/film.flv").method("HEAD", BodyPublishers.noBody()));
    assertThat(header(head, "content-length")).isEqualTo("5");
    assertThat(header(head, "etag")).isEqualTo(etag("other"));
  }

  @Test
  default void sendsTheVersionItBeganWithWhenTheFileIsReplacedMeanwhile() throws Exception {
    byte[] old = new byte[32 << 20];
    new Random(2).nextBytes(old);
    server()
        .send(
            server()
                .request("/vod/film.flv", "Authorization", TOKEN)
                .PUT(BodyPublishers.ofByteArray(old)));
    try (InputStream body =
        server()
            .send(server().request("/vod/film.flv").GET(), BodyHandlers.ofInputStream())
            .body()) {
      byte[] first = body.readNBytes(1000);
      server().put("/vod/film.flv", "new");
      server().delete("/vod/film.flv");
      byte[] rest = body.readAllBytes();
      assertThat(etag(concat(first, rest))).isEqualTo(etag(old));
    }
    assertThat(server().get("/vod/film.flv").statusCode()).isEqualTo(404);
  }

  @Test
  default void verifiesTheDigestThatTheClientSends() throws Exception {
    String wrong = "sha-256=:" + "A".repeat(43) + "=:";
    HttpResponse<String> refused = server().put("/vod/a", "hello", "Content-Digest", wrong);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("digest-mismatch");
    assertThat(server().put("/vod/a", "hello", "Repr-Digest", "sha-256=nonsense").body())
        .contains("bad-digest", "expected: sha-256=:BASE64 of 32 bytes:");
    assertThat(server().get("/vod/a").statusCode()).isEqualTo(404);
    String right = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
    HttpResponse<String> stored = server().put("/vod/a", "hello", "Content-Digest", right);
    assertThat(stored.statusCode()).isEqualTo(201);
    assertThat(header(server().get("/vod/a"), "repr-digest")).isEqualTo(right);
  }

  @Test
  default void saysThatThereIsNoRoomAndKeepsWhatThereIs() throws Exception {
    restart(new StoreLimits(100, 150));
    server().put("/vod/a", "x".repeat(90));
    HttpResponse<String> full = server().put("/vod/b", "x".repeat(90));
    assertThat(full.statusCode()).isEqualTo(507);
    assertThat(full.body()).contains("no-space", "quota of 150 bytes");
    assertThat(server().put("/vod/c", "x".repeat(101)).statusCode()).isEqualTo(413);
    assertThat(server().get("/vod/a").body()).hasSize(90);
    assertThat(server().delete("/vod/a").statusCode()).isEqualTo(204);
    assertThat(server().delete("/vod/a").statusCode()).isEqualTo(404);
    assertThat(server().put("/vod/b", "x".repeat(90)).statusCode()).isEqualTo(201);
  }

  @Test
  default void listsPageByPage() throws Exception {
    for (String name : List.of("a", "b/c", "b/d", "e")) {
      server().put("/vod/" + name, name);
    }
    String page = server().get("/api/files?limit=2", "Authorization", TOKEN).body();
    assertThat(page).contains("\"a\"", "\"b/c\"", "\"next\":\"b/c\"").doesNotContain("b/d");
    assertThat(page).contains(etag("b/c").replace("\"", "\\\""));
    String rest = server().get("/api/files?after=b/c&limit=2", "Authorization", TOKEN).body();
    assertThat(rest).contains("\"b/d\"", "\"e\"", "\"next\":null");
    assertThat(server().get("/api/files?prefix=b/", "Authorization", TOKEN).body())
        .contains("b/c", "b/d")
        .doesNotContain("\"a\"");
    assertThat(server().get("/api/files?limit=0", "Authorization", TOKEN).statusCode())
        .isEqualTo(400);
  }

  @Test
  default void goesOnAtAKeyframeWhereAPlayerSeeks() throws Exception {
    byte[] clip =
        Files.readAllBytes(
            Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv"));
    server()
        .send(
            server()
                .request("/vod/clip.flv", "Authorization", TOKEN)
                .PUT(BodyPublishers.ofByteArray(clip)));
    HttpResponse<byte[]> cut =
        server().send(server().request("/vod/clip.flv?t=4").GET(), BodyHandlers.ofByteArray());
    assertThat(cut.statusCode()).isEqualTo(200);
    assertThat(header(cut, "accept-ranges")).isEqualTo("none");
    assertThat(header(cut, "etag")).isNotEqualTo(etag(clip));
    byte[] body = cut.body();
    assertThat(new String(body, 0, 3, StandardCharsets.US_ASCII)).isEqualTo("FLV");
    assertThat(body.length).isBetween(1000, clip.length - 1000);
    assertThat(Arrays.copyOfRange(body, body.length - 1000, body.length))
        .isEqualTo(Arrays.copyOfRange(clip, clip.length - 1000, clip.length));
  }
}
