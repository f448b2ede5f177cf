package dev.sluice.origin.files;

import static dev.sluice.origin.files.FilesServer.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class FilesApiTest implements FilesApiContract {
  @TempDir Path directory;
  private FilesServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FilesServer(directory, StoreLimits.NONE);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Override
  public FilesServer server() {
    return server;
  }

  @Override
  public void restart(StoreLimits limits) throws IOException {
    server.close();
    server = new FilesServer(directory, limits);
  }

  private int filesInTmp() {
    try (var files = Files.list(directory.resolve(".sluice/tmp"))) {
      return (int) files.count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSymbolicLinkThatLeavesTheStoreIsNoWayToReadOrWriteElsewhere(@TempDir Path elsewhere)
      throws Exception {
    Path secret = Files.writeString(elsewhere.resolve("shadow"), "not yours");
    Files.createSymbolicLink(directory.resolve("file"), secret);
    Files.createSymbolicLink(directory.resolve("dir"), elsewhere);
    Files.createSymbolicLink(directory.resolve("hidden"), directory.resolve(".sluice"));
    Files.createSymbolicLink(directory.resolve("nothing"), elsewhere.resolve("new"));
    Files.createSymbolicLink(directory.resolve("circle"), directory);
    for (String path : List.of("/vod/file", "/vod/dir/shadow", "/vod/hidden/lock")) {
      assertThat(server.get(path).statusCode()).as("GET " + path).isEqualTo(404);
      assertThat(server.delete(path).statusCode()).as("DELETE " + path).isEqualTo(404);
    }
    for (String path : List.of("/vod/file", "/vod/dir/new", "/vod/hidden/tmp/x", "/vod/nothing")) {
      assertThat(server.put(path, "mine").statusCode()).as("PUT " + path).isEqualTo(409);
    }
    assertThat(secret).hasContent("not yours");
    assertThat(elsewhere).isDirectoryNotContaining("glob:**new");

    server.put("/vod/a", "within");
    Files.createSymbolicLink(directory.resolve("b"), directory.resolve("a"));
    assertThat(server.get("/vod/b").body()).isEqualTo("within");
    assertThat(server.get("/api/files", "Authorization", TOKEN).body())
        .contains("\"a\"", "\"b\"")
        .doesNotContain("file\"", "shadow", "circle", "hidden", "lock");
  }

  @Test
  void whatABrowserCouldRunIsADownloadAndWhatItPlaysIsNot() throws Exception {
    for (String name : List.of("x.html", "x.svg", "x.xml", "x.js", "x.mpd", "x.wasm", "x.css")) {
      server.put("/vod/" + name, "<script>alert(1)</script>");
      HttpResponse<String> got = server.get("/vod/" + name);
      assertThat(FilesApiContract.header(got, "content-disposition"))
          .as(name)
          .isEqualTo("attachment");
      assertThat(FilesApiContract.header(got, "x-content-type-options"))
          .as(name)
          .isEqualTo("nosniff");
    }
    for (String name : List.of("x.flv", "x.mp4", "x.m3u8", "x.vtt", "x.jpg", "x.txt", "x")) {
      server.put("/vod/" + name, "<script>alert(1)</script>");
      HttpResponse<String> got = server.get("/vod/" + name);
      assertThat(FilesApiContract.header(got, "content-disposition")).as(name).isEqualTo("none");
      assertThat(FilesApiContract.header(got, "x-content-type-options"))
          .as(name)
          .isEqualTo("nosniff");
    }
    assertThat(FilesApiContract.header(server.get("/vod/absent.html"), "content-disposition"))
        .isEqualTo("none");
  }

  @Test
  void aCopiedFileKeepsItsFirstTagForWhoeverKnowsItByThat() throws Exception {
    try (var file = new java.io.RandomAccessFile(directory.resolve("copied.flv").toFile(), "rw")) {
      file.setLength(40L << 20);
    }
    HttpResponse<String> first = server.get("/vod/copied.flv", "Range", "bytes=0-9");
    String tag = FilesApiContract.header(first, "ETag");
    assertThat(first.statusCode()).isEqualTo(206);
    assertThat(FilesApiContract.header(first, "Repr-Digest")).isEqualTo("none");
    Await.until(
        Duration.ofSeconds(60),
        "it has been read",
        () -> {
          try {
            return !FilesApiContract.header(
                    server.get("/vod/copied.flv", "Range", "bytes=0-9"), "Repr-Digest")
                .equals("none");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    HttpResponse<String> slice =
        server.get("/vod/copied.flv", "Range", "bytes=10-19", "If-Range", tag);
    assertThat(slice.statusCode()).isEqualTo(206);
    assertThat(FilesApiContract.header(slice, "ETag")).isEqualTo(tag);
    HttpResponse<String> same = server.get("/vod/copied.flv", "If-None-Match", tag);
    assertThat(same.statusCode()).isEqualTo(304);
    assertThat(FilesApiContract.header(same, "ETag")).isEqualTo(tag);
    assertThat(FilesApiContract.header(server.get("/vod/copied.flv", "Range", "bytes=0-9"), "ETag"))
        .hasSize(66);
  }

  @Test
  void givesBackA64MegabyteUploadByteByByte() throws Exception {
    byte[] content = new byte[64 << 20];
    new Random(1).nextBytes(content);
    HttpResponse<String> put =
        server.send(
            server
                .request("/vod/big.bin")
                .header("Authorization", TOKEN)
                .expectContinue(true)
                .PUT(BodyPublishers.ofByteArray(content)));
    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(FilesApiContract.header(put, "etag")).isEqualTo(FilesApiContract.etag(content));
    HttpResponse<byte[]> got =
        server.send(server.request("/vod/big.bin").GET(), BodyHandlers.ofByteArray());
    assertThat(Arrays.equals(got.body(), content)).isTrue();
    assertThat(server.meters.scrape()).contains("sluice_origin_uploaded_bytes_total 6.7108864E7");
  }

  @Test
  void keepsTheOldVersionWhenTheClientLeavesDuringAnUpload() throws Exception {
    server.put("/vod/film.flv", "old");
    try (Socket socket = server.connect()) {
      String head =
          "PUT /vod/film.flv HTTP/1.1\r\nHost: x\r\nAuthorization: "
              + TOKEN
              + "\r\nContent-Length: 1000000\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write(new byte[500_000]);
      socket.getOutputStream().flush();
      Await.until(Duration.ofSeconds(5), "the upload has begun", () -> filesInTmp() == 1);
    }
    Await.until(Duration.ofSeconds(5), "the upload is gone", () -> filesInTmp() == 0);
    assertThat(server.get("/vod/film.flv").body()).isEqualTo("old");
    Await.until(
        Duration.ofSeconds(5),
        "it is counted",
        () ->
            server
                .meters
                .scrape()
                .contains("sluice_origin_uploads_total{result=\"incomplete\"} 1"));
  }

  @Test
  void refusesLengthsThatAreNoneAndLengthsBeyondTheLimit() throws Exception {
    for (String length : List.of("99999999999999999999", "-1", "1x", "9223372036854775807")) {
      try (Socket socket = server.connect()) {
        String head =
            "PUT /vod/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
                + TOKEN
                + "\r\nContent-Length: "
                + length
                + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        byte[] answer = socket.getInputStream().readNBytes(12);
        assertThat(new String(answer, StandardCharsets.ISO_8859_1).substring(9))
            .as(length)
            .isIn("400", "507");
      }
    }
    assertThat(filesInTmp()).isZero();
  }

  @Test
  void letsOnlyTheOperatorChangeAndListFiles() throws Exception {
    server.put("/vod/a", "x");
    for (String method : List.of("PUT", "DELETE")) {
      HttpResponse<String> without =
          server.send(server.request("/vod/a").method(method, BodyPublishers.ofString("y")));
      assertThat(without.statusCode()).as(method).isEqualTo(401);
      assertThat(FilesApiContract.header(without, "www-authenticate")).startsWith("Bearer");
      assertThat(without.body()).contains("admin-token-missing");
      HttpResponse<String> wrong =
          server.send(
              server
                  .request("/vod/a", "Authorization", "Bearer guess")
                  .method(method, BodyPublishers.ofString("y")));
      assertThat(wrong.statusCode()).as(method).isEqualTo(401);
      assertThat(wrong.body()).contains("admin-token-wrong");
    }
    assertThat(server.get("/api/files").statusCode()).isEqualTo(401);
    assertThat(server.get("/vod/a").body()).isEqualTo("x");
  }

  @Test
  void refusesBeforeTheBodyIsSentWhereItCan() throws Exception {
    server.put("/vod/a", "old");
    HttpResponse<String> refused =
        server.send(
            server
                .request("/vod/a", "Authorization", TOKEN, "If-None-Match", "*")
                .expectContinue(true)
                .PUT(BodyPublishers.ofByteArray(new byte[10 << 20])));
    assertThat(refused.statusCode()).isEqualTo(412);
    assertThat(refused.body()).contains("precondition-failed");
    assertThat(server.put("/vod/a", "x", "If-Match", "\"0\"").statusCode()).isEqualTo(412);
    assertThat(server.put("/vod/a", "new", "If-Match", FilesApiContract.etag("old")).statusCode())
        .isEqualTo(200);
    assertThat(server.put("/vod/a", "x", "Content-Range", "bytes 0-0/1").statusCode())
        .isEqualTo(400);
    assertThat(server.put("/vod/a", "x", "Content-Encoding", "gzip").statusCode()).isEqualTo(415);
    assertThat(server.put("/vod/a/b", "x").statusCode()).isEqualTo(409);
    assertThat(server.get("/vod/a").body()).isEqualTo("new");
  }

  @Test
  void showsNothingOutsideOrHidden() throws Exception {
    server.put("/vod/a", "x");
    Files.writeString(directory.resolveSibling("outside"), "secret");
    for (String target :
        List.of(
            "/vod/../outside",
            "/vod/%2e%2e/outside",
            "/vod/..%2foutside",
            "/vod/a/../../outside",
            "/vod/..%5coutside",
            "/vod/%00",
            "/vod/a%00",
            "/vod/.sluice/lock",
            "/vod/%2esluice/lock",
            "/vod//a",
            "/vod/",
            "/vod/%ff%fe",
            "/vod/" + "x".repeat(300))) {
      assertThat(server.statusOf(target)).as(target).isIn(400, 404);
    }
    assertThat(server.put("/vod/.hidden", "x").statusCode()).isEqualTo(400);
    assertThat(server.put("/vod/a/.b", "x").body()).contains("bad-path", "hidden");
    assertThat(server.statusOf("/vod/a")).isEqualTo(200);
  }
}
