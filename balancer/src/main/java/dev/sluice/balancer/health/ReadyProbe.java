package dev.sluice.balancer.health;

import dev.sluice.chassis.admin.AdminRoutes;
import dev.sluice.chassis.http.client.HttpClient;
import dev.sluice.chassis.http.client.HttpClientCall;
import dev.sluice.chassis.http.client.HttpClientDeadlines;
import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
import dev.sluice.chassis.http.client.HttpClientRequest;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.cluster.NodeInfo;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a node {@code GET /readyz} at one place: whether it is ready, and whether it is the one.
 * Each time over a connection of its own, as it is to be known whether a viewer gets one; with one
 * deadline for all of it, from the connection to the last byte of the answer, of which little is
 * read.
 *
 * <p>Threading: any thread; answers come from a loop.
 */
final class ReadyProbe implements AutoCloseable {
  /** What a probe says when it cannot be made from here. It proves nothing. */
  static final String NO_WAY = "this balancer has no way to such addresses";

  private static final String UNREACHABLE = "Network is unreachable"; // ENETUNREACH, by its text
  private static final long LARGEST_ANSWER = 16 * 1024;

  private final EventLoops loops;
  private final HttpClient client;
  private final Duration deadline;
  private volatile boolean closed;

  ReadyProbe(EventLoops loops, Duration deadline, ClientTls tls) {
    this.loops = loops;
    this.deadline = deadline;
    this.client =
        new HttpClient(loops, new HttpClientDeadlines(deadline, deadline, deadline, deadline), tls);
  }

  /**
   * Asks.
   *
   * @param asked where
   * @param node whom
   * @param delay not before so long; the deadline counts from there
   * @return completes with what went wrong, empty = nothing
   */
  CompletableFuture<String> ask(ProbedPlace asked, NodeInfo node, Duration delay) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    HttpClientRequest request;
    try {
      URI base = URI.create(asked.url());
      HttpHeaders headers = new DefaultHttpHeaders().set(HttpHeaderNames.CONNECTION, "close");
      request = asked.at(HttpClientRequest.get(base, base.getRawPath() + "/readyz", headers));
    } catch (IllegalArgumentException e) {
      answer.complete(String.valueOf(e.getMessage()));
      return answer;
    }
    EventLoop loop = loops.next();
    try {
      loop.schedule(
          () -> send(loop, request, new Answer(node, answer)),
          delay.toNanos(),
          TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      answer.complete("the balancer stops");
    }
    return answer;
  }

  private void send(EventLoop loop, HttpClientRequest request, Answer answer) {
    if (closed) {
      answer.done("the balancer stops");
      return;
    }
    HttpClientCall call = client.send(loop, request, answer);
    answer.call = call;
    loop.schedule(() -> answer.give(late()), deadline.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * What is wrong with an answer; empty = nothing. A node that drains is reachable. The answer
   * names the node and its process: whatever else listens there now is not it.
   */
  static String fault(int status, HttpHeaders headers, NodeInfo node) {
    String state = headers.get(AdminRoutes.STATE_HEADER, "");
    if (status != 200 && !(status == 503 && state.equals("draining"))) {
      return "/readyz answered " + status;
    }
    String name = headers.get(AdminRoutes.NODE_HEADER, "");
    if (!name.equals(node.id())) {
      return name.isEmpty()
          ? "/readyz does not say which node it is"
          : "/readyz answered as another node, " + shown(name);
    }
    String epoch = headers.get(AdminRoutes.EPOCH_HEADER, "");
    return epoch.equals(Long.toString(node.epoch()))
        ? ""
        : "/readyz answered as another process of the node, started at " + shown(epoch);
  }

  private static String shown(String text) {
    String clean = text.replaceAll("[^A-Za-z0-9._-]", "?");
    return clean.length() > 64 ? clean.substring(0, 64) + "..." : clean;
  }

  private String late() {
    return "no whole answer within " + deadline.toMillis() + " ms";
  }

  @Override
  public void close() {
    closed = true;
    client.close();
  }

  /** One answer; confined to its loop. */
  private final class Answer implements HttpClientHandler {
    private final NodeInfo node;
    private final CompletableFuture<String> result;
    private @Nullable HttpClientCall call;
    private String fault = "";
    private long bytes;

    Answer(NodeInfo node, CompletableFuture<String> result) {
      this.node = node;
      this.result = result;
    }

    @Override
    public void head(int status, HttpHeaders headers) {
      fault = fault(status, headers, node);
    }

    @Override
    public void data(ByteBuf borrowed) {
      bytes += borrowed.readableBytes();
      if (bytes > LARGEST_ANSWER) {
        give("/readyz answered more than " + LARGEST_ANSWER + " bytes");
      }
    }

    @Override
    public void end() {
      done(fault);
    }

    @Override
    public void failed(HttpClientException cause) {
      String said = String.valueOf(cause.getMessage());
      done(
          switch (cause.reason()) {
            case CONNECT -> said.contains(UNREACHABLE) ? NO_WAY : refused(said);
            case CONNECT_TIMEOUT, FIRST_BYTE_TIMEOUT, IDLE_TIMEOUT -> late();
            case TLS, CLOSED, MALFORMED, CANCELLED -> afterHost(said);
          });
    }

    /** Without method and host, which the reader knows. */
    private String afterHost(String said) {
      int host = said.indexOf(": ");
      return host < 0 ? said : said.substring(host + 2);
    }

    private String refused(String said) {
      return said.contains("Connection refused") ? "connection refused" : afterHost(said);
    }

    /** Ends it from this side, unless it has ended. */
    void give(String failure) {
      HttpClientCall under = call;
      if (!result.isDone() && under != null) {
        under.cancel();
      }
      done(failure);
    }

    void done(String failure) {
      result.complete(failure);
    }
  }
}
