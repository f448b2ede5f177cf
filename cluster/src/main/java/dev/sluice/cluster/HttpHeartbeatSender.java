package dev.sluice.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * Sends heartbeats to one balancer with {@code POST /api/heartbeat}.
 *
 * <p>Threading: {@link #report} blocks up to two seconds; call it from one virtual thread.
 */
public final class HttpHeartbeatSender implements HeartbeatSink, AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(DEADLINE).build();
  private final URI target;
  private final String token;

  /**
   * A sender to one balancer.
   *
   * @param balancerUrl base URL such as {@code http://127.0.0.1:8080}
   * @param token the cluster's shared secret; empty sends none
   */
  public HttpHeartbeatSender(String balancerUrl, String token) {
    this.target = URI.create(balancerUrl.replaceAll("/+$", "") + "/api/heartbeat");
    this.token = token;
  }

  @Override
  public void report(Heartbeat heartbeat) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .timeout(DEADLINE)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(HeartbeatJson.encode(heartbeat)));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException(target + " answered " + response.statusCode());
    }
  }

  @Override
  public void close() {
    client.close();
  }

  @Override
  public String toString() {
    return target.toString();
  }
}
