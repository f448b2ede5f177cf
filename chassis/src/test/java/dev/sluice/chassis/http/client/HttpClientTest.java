package dev.sluice.chassis.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class HttpClientTest {
  private static final int BIG = 30_000_000;
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int LONGER_S = 60;
  private static EventLoops loops;
  private static Meters meters;
  private static HttpServer server;
  private static HttpClient client;
  private static HttpClient hasty;
  private static HttpClient restless;
  private static URI base;

  @BeforeAll
  static void start() {
    loops = EventLoops.create(2);
    meters = new Meters();
    Routes routes =
        new Routes()
            .get("/hello", ex -> ex.respond(200, "text/plain", String.valueOf(ex.remote())))
            .get(
                "/bye",
                ex ->
                    ex.respond(
                        io.netty.handler.codec.http.HttpResponseStatus.OK,
                        h -> {},
                        "bye".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
            .get("/never", ex -> {})
            .get(
                "/stops",
                ex -> ex.begin(200, h -> {}, 100).write(Unpooled.wrappedBuffer(new byte[5])))
            .get(
                "/cut",
                ex -> {
                  ResponseStream stream = ex.begin(200, h -> {}, 100);
                  stream.write(Unpooled.wrappedBuffer(new byte[5]));
                  stream.end();
                })
            .get("/big", HttpClientTest::big);
    server = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "up");
    server.start();
    // Answers may be late where they are waited for: a busy machine is not what is tested.
    client = new HttpClient(loops, new HttpClientDeadlines(LONG, LONG, LONG, LONG));
    hasty = new HttpClient(loops, new HttpClientDeadlines(LONG, SHORT, LONG, LONG));
    restless = new HttpClient(loops, new HttpClientDeadlines(LONG, LONG, SHORT, LONG));
    base = URI.create("http://127.0.0.1:" + server.address().getPort());
  }

  @AfterAll
  static void stop() {
    client.close();
    hasty.close();
    restless.close();
    server.close();
    loops.close();
    meters.close();
  }

  private static void big(HttpExchange exchange) {
    ResponseStream stream = exchange.begin(200, headers -> {}, BIG);
    Runnable fill =
        () -> {
          while (stream.isWritable() && stream.written() < BIG) {
            int size = (int) Math.min(50_000, BIG - stream.written());
            stream.write(Unpooled.wrappedBuffer(new byte[size]));
          }
          if (stream.written() == BIG) {
            stream.end();
          }
        };
    stream.onWritable(fill);
    fill.run();
  }

  private static final class Collected implements HttpClientHandler {
    final CompletableFuture<String> done = new CompletableFuture<>();
    final AtomicLong bytes = new AtomicLong();
    final StringBuilder text = new StringBuilder();
    int status;

    @Override
    public void head(int code, HttpHeaders headers) {
      status = code;
    }

    @Override
    public void data(ByteBuf borrowed) {
      bytes.addAndGet(borrowed.readableBytes());
      if (bytes.get() < 1000) {
        text.append(borrowed.toString(java.nio.charset.StandardCharsets.UTF_8));
      }
    }

    @Override
    public void end() {
      done.complete(status + " " + text);
    }

    @Override
    public void failed(HttpClientException cause) {
      done.completeExceptionally(cause);
    }
  }

  private static Collected ask(URI to, String path, EventLoop loop) {
    return ask(client, to, path, loop);
  }

  private static Collected ask(HttpClient by, URI to, String path, EventLoop loop) {
    Collected collected = new Collected();
    loop.execute(() -> by.send(loop, HttpClientRequest.get(to, path), collected));
    return collected;
  }

  private static String get(String path) throws Exception {
    return ask(base, path, loops.next()).done.get(LONGER_S, TimeUnit.SECONDS);
  }

  private static HttpClientException.Reason failure(HttpClient by, URI to, String path) {
    try {
      ask(by, to, path, loops.next()).done.get(LONGER_S, TimeUnit.SECONDS);
      throw new AssertionError("answered");
    } catch (ExecutionException e) {
      return ((HttpClientException) e.getCause()).reason();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void keepsOneConnectionForCallsInTurn() throws Exception {
    EventLoop loop = loops.next();
    String first = ask(base, "/hello", loop).done.get(LONGER_S, TimeUnit.SECONDS);
    String second = ask(base, "/hello", loop).done.get(LONGER_S, TimeUnit.SECONDS);
    assertThat(first).startsWith("200 ").isEqualTo(second);
  }

  @Test
  void saysWhyThereIsNoAnswer() {
    assertThat(failure(hasty, base, "/never"))
        .isEqualTo(HttpClientException.Reason.FIRST_BYTE_TIMEOUT);
    assertThat(failure(restless, base, "/stops"))
        .isEqualTo(HttpClientException.Reason.IDLE_TIMEOUT);
    assertThat(failure(client, base, "/cut")).isEqualTo(HttpClientException.Reason.CLOSED);
    assertThat(failure(client, URI.create("http://127.0.0.1:1"), "/"))
        .isEqualTo(HttpClientException.Reason.CONNECT);
    assertThat(failure(client, URI.create("http://no-such-host.invalid"), "/"))
        .isEqualTo(HttpClientException.Reason.CONNECT);
  }

  @Test
  void errorsAreAnswersToo() throws Exception {
    assertThat(get("/nothing")).startsWith("404 ").contains("problem");
  }

  private static HttpClientCall sendPaused(HttpClient by, EventLoop loop, Collected collected)
      throws Exception {
    CompletableFuture<HttpClientCall> call = new CompletableFuture<>();
    loop.execute(
        () -> {
          HttpClientCall sent = by.send(loop, HttpClientRequest.get(base, "/big"), collected);
          sent.pause();
          call.complete(sent);
        });
    return call.get(LONGER_S, TimeUnit.SECONDS);
  }

  private static void assertNothingHappens(Collected collected) {
    assertThatThrownBy(() -> collected.done.get(SHORT.toMillis() * 2, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    assertThat(collected.bytes.get()).isLessThan(BIG / 2);
  }

  @Test
  void noDeadlineRunsWhilePaused() throws Exception {
    EventLoop loop = loops.next();
    for (HttpClient by : List.of(hasty, restless)) {
      Collected collected = new Collected();
      HttpClientCall sent = sendPaused(by, loop, collected);
      assertNothingHappens(collected);
      loop.execute(sent::cancel);
    }
  }

  @Test
  void aPausedBodyStopsComingAndGoesOn() throws Exception {
    EventLoop loop = loops.next();
    Collected collected = new Collected();
    HttpClientCall sent = sendPaused(client, loop, collected);
    assertNothingHappens(collected);
    loop.execute(sent::resume);
    assertThat(collected.done.get(LONGER_S, TimeUnit.SECONDS)).startsWith("200");
    assertThat(collected.bytes.get()).isEqualTo(BIG);
  }

  @Test
  void aCancelledCallHearsNothingMore() throws Exception {
    EventLoop loop = loops.next();
    Collected collected = new Collected();
    CompletableFuture<HttpClientCall> call = new CompletableFuture<>();
    loop.execute(
        () -> call.complete(client.send(loop, HttpClientRequest.get(base, "/big"), collected)));
    HttpClientCall sent = call.get(LONGER_S, TimeUnit.SECONDS);
    Await.until(LONG, "first bytes", () -> collected.bytes.get() > 0);
    CompletableFuture<Long> at = new CompletableFuture<>();
    loop.execute(
        () -> {
          sent.cancel();
          at.complete(collected.bytes.get());
        });
    long bytes = at.get(LONGER_S, TimeUnit.SECONDS);
    assertThat(get("/hello")).startsWith("200");
    assertThat(collected.bytes.get()).isEqualTo(bytes);
    assertThat(collected.done).isNotDone();
  }
}
