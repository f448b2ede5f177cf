package dev.sluice.edge.cache;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.Conditionals;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** An origin whose files, speed and faults a test decides, and which remembers what was asked. */
public final class TestOrigin implements AutoCloseable {
  /** A file of this origin. */
  public record File(byte[] bytes, String etag, String cacheControl) {}

  public final Map<String, File> files = new ConcurrentHashMap<>();
  public final List<String> asked = new CopyOnWriteArrayList<>();
  public final AtomicLong bytesSent = new AtomicLong();

  /** Bytes per 10 ms; 0 = as fast as it goes. */
  public volatile int pace;

  /** With a pace: what lies from here on in the file is not sent until this is raised. */
  public volatile int holdAt = Integer.MAX_VALUE;

  /** Answers all with this status when not 0. */
  public volatile int broken;

  /** Cuts each body after so many bytes when above 0. */
  public volatile long cutAfter;

  /** Ignores Range. */
  public volatile boolean whole;

  private final Meters meters = new Meters();
  private final HttpServer server;

  public TestOrigin(EventLoops loops) {
    Routes routes = new Routes().get("/**", this::serve);
    server = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "o");
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.address().getPort());
  }

  private void serve(HttpExchange exchange) {
    String range = exchange.header("Range");
    asked.add(exchange.path() + " " + range);
    File file = files.get(exchange.path());
    if (broken != 0) {
      exchange.problem(Problem.of(broken, "broken", "Broken", "on purpose"));
      return;
    }
    if (file == null) {
      exchange.problem(Problem.notFound("none"));
      return;
    }
    String etag = file.etag().isEmpty() ? null : file.etag();
    if (Conditionals.evaluate(exchange.headers(), true, etag, null)
        == Conditionals.Verdict.NOT_MODIFIED) {
      exchange.respond(HttpResponseStatus.NOT_MODIFIED, h -> describe(h, file), new byte[0]);
      return;
    }
    boolean ranged = !whole && Conditionals.rangeApplies(exchange.headers(), etag, null);
    switch (HttpRange.select(ranged ? range : null, file.bytes().length)) {
      case HttpRange.Unsatisfiable u ->
          exchange.problem(
              Problem.of(416, "range", "Range", "no")
                  .with("Content-Range", HttpRange.unsatisfied(file.bytes().length)));
      case HttpRange.Whole w -> send(exchange, file, 200, 0, file.bytes().length);
      case HttpRange.Parts parts -> {
        HttpRange one = parts.ranges().getFirst();
        send(exchange, file, 206, (int) one.first(), (int) one.last() + 1);
      }
    }
  }

  private static void describe(io.netty.handler.codec.http.HttpHeaders headers, File file) {
    if (!file.etag().isEmpty()) {
      headers.set("ETag", file.etag());
    }
    if (!file.cacheControl().isEmpty()) {
      headers.set("Cache-Control", file.cacheControl());
    }
  }

  private void send(HttpExchange exchange, File file, int status, int from, int to) {
    ResponseStream stream =
        exchange.begin(
            status,
            headers -> {
              describe(headers, file);
              headers.set("Content-Type", "video/x-flv");
              if (status == 206) {
                headers.set(
                    "Content-Range", new HttpRange(from, to - 1).contentRange(file.bytes().length));
              }
            },
            to - from);
    stream.flush();
    int[] at = {from};
    Runnable more =
        () -> {
          int budget = pace == 0 ? Integer.MAX_VALUE : pace;
          while (stream.isWritable() && at[0] < Math.min(to, holdAt) && budget > 0) {
            int size = Math.min(Math.min(16 * 1024, budget), to - at[0]);
            stream.write(Unpooled.copiedBuffer(file.bytes(), at[0], size));
            bytesSent.addAndGet(size);
            at[0] += size;
            budget -= size;
            if (cutAfter > 0 && at[0] - from >= cutAfter && at[0] < to) {
              stream.abort("cut");
              return;
            }
          }
          if (at[0] == to && stream.isOpen()) {
            stream.end();
          }
        };
    if (pace == 0) {
      stream.onWritable(more);
      more.run();
    } else {
      var timer = exchange.loop().scheduleAtFixedRate(more, 0, 10, TimeUnit.MILLISECONDS);
      exchange.bare().channel().closeFuture().addListener(closed -> timer.cancel(false));
    }
  }

  @Override
  public void close() {
    server.close();
    meters.close();
  }
}
