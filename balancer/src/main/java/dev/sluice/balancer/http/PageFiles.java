package dev.sluice.balancer.http;

import dev.sluice.chassis.http.Conditionals;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.MediaTypes;
import dev.sluice.chassis.http.Problem;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page and what it needs, from {@code web/} on the class path, kept in memory once asked for.
 * Everything else that no route takes ends here with 404.
 */
final class PageFiles implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(PageFiles.class);
  private static final byte[] EMPTY = {};

  private final ConcurrentHashMap<String, PageFile> loaded = new ConcurrentHashMap<>();

  @SuppressWarnings("ArrayRecordComponent")
  private record PageFile(byte[] body, String type, String etag) {}

  @Override
  public void handle(HttpExchange exchange) {
    String name = exchange.rest().isEmpty() ? "index.html" : exchange.rest();
    PageFile known = loaded.get(name);
    if (known != null) {
      answer(exchange, known);
      return;
    }
    if (name.lastIndexOf('.') <= name.lastIndexOf('/')) {
      absent(exchange); // a directory can be opened like a file
      return;
    }
    Thread.ofVirtual()
        .name("page")
        .start(
            () -> {
              try {
                PageFile file = load(name);
                exchange.loop().execute(() -> answer(exchange, file));
              } catch (IOException e) {
                exchange.problem(
                    Problem.of(500, "internal-error", "Internal error", "Cannot read the page."));
                log.error("page file={} not read", name, e);
              }
            });
  }

  private @Nullable PageFile load(String name) throws IOException {
    try (InputStream in = PageFiles.class.getResourceAsStream("/web/" + name)) {
      if (in == null) {
        return null;
      }
      byte[] body = in.readAllBytes();
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      String etag = '"' + HexFormat.of().formatHex(hash, 0, 8) + '"';
      PageFile file = new PageFile(body, MediaTypes.of(name), etag);
      loaded.put(name, file);
      return file;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static void answer(HttpExchange exchange, @Nullable PageFile file) {
    if (file == null) {
      absent(exchange);
      return;
    }
    boolean same =
        Conditionals.evaluate(exchange.headers(), true, file.etag, null)
            == Conditionals.Verdict.NOT_MODIFIED;
    exchange.respond(
        same ? HttpResponseStatus.NOT_MODIFIED : HttpResponseStatus.OK,
        headers -> {
          headers
              .set("ETag", file.etag)
              .set("Cache-Control", "no-cache")
              .set("X-Content-Type-Options", "nosniff");
          if (!same) {
            headers.set("Content-Type", file.type);
          }
        },
        same ? EMPTY : file.body);
  }

  private static void absent(HttpExchange exchange) {
    exchange.problem(
        Problem.notFound("Streams are at /live/NAME.flv, files at /vod/PATH, the page is at /."));
  }
}
