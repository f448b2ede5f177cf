package dev.sluice.balancer.http;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page and what it needs, from {@code web/} on the class path, kept in memory once asked for.
 * Everything else that no route takes ends here with 404. The player alone, for a frame in another
 * page, is {@link #embedded}.
 */
final class PageFiles implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(PageFiles.class);
  private static final String PAGE = "index.html";
  private static final String PLAYER = "embed.html";
  private static final String OWN_SITE = "'self'";

  private final ConcurrentHashMap<String, PageFile> loaded = new ConcurrentHashMap<>();
  private final PageConfig config;

  PageFiles(PageConfig config) {
    this.config = config;
  }

  @Override
  public void handle(HttpExchange exchange) {
    String name = exchange.rest().isEmpty() ? PAGE : exchange.rest();
    if (name.lastIndexOf('.') <= name.lastIndexOf('/') || name.equals(PLAYER)) {
      absent(exchange); // a directory can be opened like a file
    } else {
      send(exchange, name, OWN_SITE);
    }
  }

  /** {@code /embed/NAME}: one page for all names, which its script reads from the address. */
  void embedded(HttpExchange exchange) {
    send(exchange, PLAYER, config.frameAncestors());
  }

  private void send(HttpExchange exchange, String name, String ancestors) {
    PageFile known = loaded.get(name);
    if (known != null) {
      known.answer(exchange, ancestors);
      return;
    }
    Thread.ofVirtual()
        .name("page")
        .start(
            () -> {
              try {
                PageFile file = load(name);
                exchange.loop().execute(() -> answer(exchange, file, ancestors));
              } catch (IOException e) {
                exchange.problem(
                    Problem.of(500, "internal-error", "Internal error", "Cannot read the page."));
                log.error("page file={} not read", name, e);
              }
            });
  }

  private @Nullable PageFile load(String name) throws IOException {
    PageFile file = PageFile.load(name);
    if (file != null) {
      loaded.put(name, file);
    }
    return file;
  }

  private static void answer(HttpExchange exchange, @Nullable PageFile file, String ancestors) {
    if (file == null) {
      absent(exchange);
    } else {
      file.answer(exchange, ancestors);
    }
  }

  private static void absent(HttpExchange exchange) {
    exchange.problem(
        Problem.notFound(
            "Streams are at /live/NAME.flv, files at /vod/PATH, the page is at /, the player alone"
                + " at /embed/NAME."));
  }
}
