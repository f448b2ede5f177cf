package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.HttpConfig;
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
class UpstreamClientTest {
  private static final int BIG = 30_000_000;
  private static EventLoops loops;
  private static Meters meters;
  private static HttpServer server;
  private static UpstreamClient client;
  private static URI base;

  @BeforeAll
  static void start() {
    loops = EventLoops.create(2);
    meters = new Meters();
    Routes routes =
        new Routes()
            .get("/hello", ex -> ex.respond(200, "text/plain", ex.channel().id().asLongText()))
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
            .get("/big", UpstreamClientTest::big);
    server = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "up");
    server.start();
    client =
        new UpstreamClient(
            loops,
            new UpstreamDeadlines(
                Duration.ofMillis(500),
                Duration.ofMillis(300),
                Duration.ofMillis(300),
                Duration.ofSeconds(5)));
    base = URI.create("http://127.0.0.1:" + server.address().getPort());
  }

  @AfterAll
  static void stop() {
    client.close();
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

  private static final class Collected implements UpstreamHandler {
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
    public void failed(UpstreamException cause) {
      done.completeExceptionally(cause);
    }
  }

  private static Collected ask(URI to, String path, EventLoop loop) {
    Collected collected = new Collected();
    loop.execute(() -> client.send(loop, UpstreamRequest.get(to, path), collected));
    return collected;
  }

  private static String get(String path) throws Exception {
    return ask(base, path, loops.next()).done.get(10, TimeUnit.SECONDS);
  }

  private static UpstreamException.Reason failure(URI to, String path) {
    try {
      ask(to, path, loops.next()).done.get(10, TimeUnit.SECONDS);
      throw new AssertionError("answered");
    } catch (ExecutionException e) {
      return ((UpstreamException) e.getCause()).reason();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void keepsOneConnectionForCallsInTurn() throws Exception {
    EventLoop loop = loops.next();
    String first = ask(base, "/hello", loop).done.get(10, TimeUnit.SECONDS);
    String second = ask(base, "/hello", loop).done.get(10, TimeUnit.SECONDS);
    assertThat(first).startsWith("200 ").isEqualTo(second);
  }

  @Test
  void saysWhyThereIsNoAnswer() {
    assertThat(failure(base, "/never")).isEqualTo(UpstreamException.Reason.FIRST_BYTE_TIMEOUT);
    assertThat(failure(base, "/stops")).isEqualTo(UpstreamException.Reason.IDLE_TIMEOUT);
    assertThat(failure(base, "/cut")).isEqualTo(UpstreamException.Reason.CLOSED);
    assertThat(failure(URI.create("http://127.0.0.1:1"), "/"))
        .isEqualTo(UpstreamException.Reason.CONNECT);
    assertThat(failure(URI.create("http://no-such-host.invalid"), "/"))
        .isEqualTo(UpstreamException.Reason.CONNECT);
  }

  @Test
  void errorsAreAnswersToo() throws Exception {
    assertThat(get("/nothing")).startsWith("404 ").contains("problem");
  }

  @Test
  void aPausedBodyStopsComingAndGoesOn() throws Exception {
    EventLoop loop = loops.next();
    Collected collected = new Collected();
    CompletableFuture<UpstreamCall> call = new CompletableFuture<>();
    loop.execute(
        () -> {
          UpstreamCall sent = client.send(loop, UpstreamRequest.get(base, "/big"), collected);
          sent.pause();
          call.complete(sent);
        });
    UpstreamCall sent = call.get(5, TimeUnit.SECONDS);
    assertThatThrownBy(() -> collected.done.get(600, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
    assertThat(collected.bytes.get()).isLessThan(BIG / 2);
    loop.execute(sent::resume);
    assertThat(collected.done.get(10, TimeUnit.SECONDS)).startsWith("200");
    assertThat(collected.bytes.get()).isEqualTo(BIG);
  }

  @Test
  void aCancelledCallHearsNothingMore() throws Exception {
    EventLoop loop = loops.next();
    Collected collected = new Collected();
    CompletableFuture<UpstreamCall> call = new CompletableFuture<>();
    loop.execute(
        () -> call.complete(client.send(loop, UpstreamRequest.get(base, "/big"), collected)));
    UpstreamCall sent = call.get(5, TimeUnit.SECONDS);
    Await.until(Duration.ofSeconds(5), "first bytes", () -> collected.bytes.get() > 0);
    CompletableFuture<Long> at = new CompletableFuture<>();
    loop.execute(
        () -> {
          sent.cancel();
          at.complete(collected.bytes.get());
        });
    long bytes = at.get(5, TimeUnit.SECONDS);
    assertThat(get("/hello")).startsWith("200");
    assertThat(collected.bytes.get()).isEqualTo(bytes);
    assertThat(collected.done).isNotDone();
  }
}
