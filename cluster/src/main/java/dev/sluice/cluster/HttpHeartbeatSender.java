package dev.sluice.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends heartbeats to one balancer with {@code POST /api/heartbeat}.
 *
 * <p>Threading: {@link #report} blocks up to two seconds, from the connection to the last byte of
 * the answer; call it from one virtual thread.
 */
public final class HttpHeartbeatSender implements HeartbeatSink, AutoCloseable {
  /** Of a request: the node's own token. */
  public static final String NODE_TOKEN_HEADER = "Sluice-Node-Token";

  private static final Duration DEADLINE = Duration.ofSeconds(2);

  private static final long LARGEST_ANSWER = 64 * 1024;
  private static final int LONGEST_REASON = 300;

  private final HttpClient client;
  private final URI target;
  private final String token;
  private final String nodeToken;
  private final Duration deadline;

  /**
   * A sender to one balancer.
   *
   * @param balancerUrl base URL such as {@code http://127.0.0.1:8080}
   * @param token the cluster's shared secret; empty sends none
   * @param nodeToken the node's own
   * @param trust for a balancer of https, whose certificate must bear the name in the URL; null =
   *     the authorities that Java trusts
   */
  public HttpHeartbeatSender(
      String balancerUrl, String token, NodeToken nodeToken, @Nullable SSLContext trust) {
    this(balancerUrl, token, nodeToken.reveal(), DEADLINE, trust);
  }

  /** As above, of the authorities that Java trusts. */
  public HttpHeartbeatSender(String balancerUrl, String token, NodeToken nodeToken) {
    this(balancerUrl, token, nodeToken, null);
  }

  HttpHeartbeatSender(
      String balancerUrl,
      String token,
      String nodeToken,
      Duration deadline,
      @Nullable SSLContext trust) {
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(DEADLINE);
    this.client = (trust == null ? builder : builder.sslContext(trust)).build();
    this.target = URI.create(balancerUrl.replaceAll("/+$", "") + "/api/heartbeat");
    this.token = token;
    this.nodeToken = nodeToken;
    this.deadline = deadline;
  }

  @Override
  public HeartbeatAnswer report(Heartbeat heartbeat) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(HeartbeatJson.encode(heartbeat)));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    if (!nodeToken.isEmpty()) {
      request.header(NODE_TOKEN_HEADER, nodeToken);
    }
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST_ANSWER));
    try {
      HttpResponse<byte[]> response = answer.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
      if (response.statusCode() / 100 != 2) {
        throw new IOException(
            target + " answered " + response.statusCode() + reason(response.body()));
      }
      return HeartbeatJson.decodeAnswer(response.body());
    } catch (HeartbeatException e) {
      throw new IOException(target + " answered what is no " + e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("no whole answer within " + deadline.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw new IOException(cause(e.getCause()), e);
    } finally {
      answer.cancel(true); // one that is complete does not mind
    }
  }

  /** In words: the client's exceptions mostly have none, and their causes few. */
  private String cause(@Nullable Throwable failure) {
    String why = "";
    boolean connecting = false;
    Throwable at = failure;
    for (int depth = 0; at != null && depth < 5; depth++) {
      connecting |= at instanceof ConnectException || at instanceof HttpConnectTimeoutException;
      String words =
          switch (at) {
            case UnresolvedAddressException e -> "the name is unknown";
            case UnknownHostException e -> "the name is unknown";
            case ClosedChannelException e -> "connection refused";
            default -> at.getMessage();
          };
      why = words == null || words.isBlank() ? why : words;
      at = at.getCause();
    }
    String where = target.getAuthority();
    String what = connecting ? "cannot connect to " + where : "talking to " + where + " failed";
    String words = why.isEmpty() && failure != null ? failure.getClass().getSimpleName() : why;
    return words.isEmpty() ? what : what + ": " + words;
  }

  /** What the balancer says is wrong. */
  private static String reason(byte[] body) {
    try {
      String detail = JsonMapper.shared().readTree(body).path("detail").asString("");
      String cut =
          detail.length() > LONGEST_REASON ? detail.substring(0, LONGEST_REASON) + "..." : detail;
      return cut.isEmpty() ? "" : ": " + cut.replaceAll("\\p{Cntrl}", " ");
    } catch (JacksonException e) {
      return "";
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
