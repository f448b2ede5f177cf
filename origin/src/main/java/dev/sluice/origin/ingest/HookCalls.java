package dev.sluice.origin.ingest;

import dev.sluice.chassis.http.client.HttpClient;
import dev.sluice.chassis.http.client.HttpClientCall;
import dev.sluice.chassis.http.client.HttpClientDeadlines;
import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
import dev.sluice.chassis.http.client.HttpClientRequest;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.tls.ClientTls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Posts JSON to the operator's servers, each call within a deadline from the first packet to the
 * last. How many there are at once is bounded by the callers.
 *
 * <p>Threading: {@link #post} from any thread; a call lives on an event loop of its own choice and
 * never blocks it.
 */
final class HookCalls implements AutoCloseable {
  private static final int MAX_ANSWER_BYTES = 1024;

  /** Not kept: a POST that finds its connection gone could not be sent again. */
  private static final Duration KEEP = Duration.ofMillis(1);

  private final EventLoops loops;
  private final HooksConfig config;
  private final HttpClient client;

  /**
   * Calls of these hooks.
   *
   * @param tls for hooks of https; null if there are none
   */
  HookCalls(EventLoops loops, HooksConfig config, @Nullable ClientTls tls) {
    this.loops = loops;
    this.config = config;
    Duration limit = config.timeout();
    this.client = new HttpClient(loops, new HttpClientDeadlines(limit, limit, limit, KEEP), tls);
  }

  /**
   * What came back.
   *
   * @param status of HTTP; 0 = no answer
   * @param text the beginning of the answer, or why there is none
   */
  record Answer(int status, String text) {
    boolean yes() {
      return status >= 200 && status < 300;
    }

    boolean no() {
      return status >= 400 && status < 500;
    }
  }

  /** Posts; the future always completes normally. */
  CompletableFuture<Answer> post(String url, String json) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    EventLoop loop = loops.next();
    try {
      loop.execute(() -> send(loop, URI.create(url), json, answer));
    } catch (RejectedExecutionException e) {
      answer.complete(new Answer(0, "the server stops"));
    }
    return answer;
  }

  private void send(EventLoop loop, URI url, String json, CompletableFuture<Answer> answer) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set("Content-Type", "application/json");
    headers.set("Connection", "close");
    if (!config.token().isEmpty()) {
      headers.set("Authorization", "Bearer " + config.token().reveal());
    }
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    HttpClientRequest request =
        HttpClientRequest.of("POST", url, target, headers, json.getBytes(StandardCharsets.UTF_8));
    Listening listening = new Listening(answer);
    HttpClientCall call = client.send(loop, request, listening);
    Future<?> deadline =
        loop.schedule(
            () -> {
              call.cancel();
              answer.complete(
                  new Answer(0, "no answer within " + config.timeout().toMillis() + " ms"));
            },
            config.timeout().toNanos(),
            TimeUnit.NANOSECONDS);
    answer.whenComplete((done, failure) -> deadline.cancel(false));
  }

  /** Gathers an answer. Confined to the call's loop. */
  private static final class Listening implements HttpClientHandler {
    private final CompletableFuture<Answer> answer;
    private final StringBuilder text = new StringBuilder();
    private int status;

    Listening(CompletableFuture<Answer> answer) {
      this.answer = answer;
    }

    @Override
    public void head(int code, HttpHeaders headers) {
      status = code;
    }

    @Override
    public void data(ByteBuf part) {
      int room = Math.min(part.readableBytes(), MAX_ANSWER_BYTES - text.length());
      if (room > 0) {
        text.append(part.toString(part.readerIndex(), room, StandardCharsets.ISO_8859_1));
      }
    }

    @Override
    public void end() {
      answer.complete(new Answer(status, plain(text)));
    }

    @Override
    public void failed(HttpClientException cause) {
      answer.complete(new Answer(0, String.valueOf(cause.getMessage())));
    }

    /** What may be shown to an encoder's operator: a line of printable ASCII. */
    private static String plain(@Nullable CharSequence said) {
      return String.valueOf(said).replaceAll("[^ -~]+", " ").strip();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
