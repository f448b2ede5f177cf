package dev.sluice.app.e2e;

import dev.sluice.app.demo.DemoFleet;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A viewer on the web, who may say from where. */
final class Web implements AutoCloseable {
  /** In London, by the demo's networks. */
  static final String LONDON = "81.2.69.160";

  /** In the USA. */
  static final String AMERICA = "216.160.83.56";

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private static HttpRequest request(String url, String from) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(90));
    if (!from.isEmpty()) {
      request.header("X-Forwarded-For", from);
    }
    return request.build();
  }

  HttpResponse<byte[]> get(String url, String from) throws IOException, InterruptedException {
    return client.send(request(url, from), BodyHandlers.ofByteArray());
  }

  /** Stores a file, as the demo's operator. */
  void put(String url, byte[] body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Authorization", "Bearer " + DemoFleet.SECRET)
            .PUT(BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw new AssertionError(url + ": " + answer.statusCode() + " " + answer.body());
    }
  }

  String text(String url) throws IOException, InterruptedException {
    return client.send(request(url, ""), BodyHandlers.ofString()).body();
  }

  /** Where the balancer sends this viewer; empty if nowhere. */
  String sentTo(String url, String from) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = get(url, from);
    return answer.statusCode() == 302 ? answer.headers().firstValue("location").orElse("") : "";
  }

  /** The first bytes of an endless answer. */
  byte[] firstBytes(String url, int count) throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = client.send(request(url, ""), BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      return body.readNBytes(count);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
