package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.testkit.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An operator stores a file at the origin; viewers fetch it through balancer and edge. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FileDeliveryTest {
  private static final int SIZE = 9 * 1024 * 1024 + 12_345;

  private final byte[] file = new byte[SIZE];
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();
  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    new Random(7).nextBytes(file);
    fleet = DemoFleet.start(DemoOptions.FREE);
    HttpRequest upload =
        HttpRequest.newBuilder(
                URI.create(fleet.origin().httpUrl() + "/vod/films/a b.bin".replace(" ", "%20")))
            .header("Authorization", "Bearer " + DemoFleet.SECRET)
            .PUT(BodyPublishers.ofByteArray(file))
            .build();
    assertThat(client.send(upload, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
    Await.until(Duration.ofSeconds(20), "an edge is named", () -> get().statusCode() == 200);
  }

  @AfterAll
  void stop() {
    client.shutdownNow();
    fleet.close();
  }

  @Test
  void theFileArrivesWholeAndTheSecondReadIsAHit() throws Exception {
    assertThat(sha256(get().body())).isEqualTo(sha256(file));
    HttpResponse<byte[]> second = get();
    assertThat(sha256(second.body())).isEqualTo(sha256(file));
    assertThat(second.headers().firstValue("Cache-Status").orElse("")).contains("hit");
  }

  @Test
  void rangesAreExactAcrossSliceBoundaries() {
    int slice = 2 * 1024 * 1024;
    int[][] ranges = {
      {0, 0}, {slice - 1, slice}, {slice, slice}, {1, 3 * slice}, {SIZE - 1, SIZE - 1}
    };
    for (int[] range : ranges) {
      HttpResponse<byte[]> part = get("Range", "bytes=" + range[0] + "-" + range[1]);
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.headers().firstValue("Content-Range"))
          .contains("bytes " + range[0] + "-" + range[1] + "/" + SIZE);
      assertThat(Arrays.equals(part.body(), Arrays.copyOfRange(file, range[0], range[1] + 1)))
          .isTrue();
    }
  }

  @Test
  void suffixAndOpenRangesAndRangesPastTheEnd() {
    byte[] tail = Arrays.copyOfRange(file, SIZE - 100, SIZE);
    assertThat(get("Range", "bytes=-100").body()).isEqualTo(tail);
    assertThat(get("Range", "bytes=" + (SIZE - 100) + "-").body()).isEqualTo(tail);
    HttpResponse<byte[]> past = get("Range", "bytes=" + SIZE + "-");
    assertThat(past.statusCode()).isEqualTo(416);
    assertThat(past.headers().firstValue("Content-Range")).contains("bytes */" + SIZE);
  }

  @Test
  void anUnchangedFileIsNotSentAgain() {
    String etag = get().headers().firstValue("ETag").orElseThrow();
    assertThat(get("If-None-Match", etag).statusCode()).isEqualTo(304);
  }

  private HttpResponse<byte[]> get(String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(fleet.balancerUrl() + "/vod/films/a%20b.bin"))
            .timeout(Duration.ofSeconds(90))
            .header("X-Forwarded-For", Web.AMERICA);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }
}
