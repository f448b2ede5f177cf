package dev.sluice.origin.files;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The listing of files, page by page.
 *
 * <p>Threading: on the exchange's loop, as {@link FilesApi}.
 */
final class FileListing {
  private static final int DEFAULT_PAGE = 1000;
  private static final int MAX_PAGE = 10_000;

  private final FileStore store;
  private final AdminToken adminToken;

  /** Keeps nothing between calls. */
  FileListing(FileStore store, AdminToken adminToken) {
    this.store = store;
    this.adminToken = adminToken;
  }

  void list(HttpExchange exchange) {
    if (!adminToken.check(exchange)) {
      return;
    }
    String prefix = orEmpty(exchange.query("prefix"));
    String after = orEmpty(exchange.query("after"));
    int limit = limit(exchange.query("limit"));
    FileCalls.runAside(
        exchange,
        () -> {
          // One more than asked for tells whether there is a next page.
          List<StoredFile> found = store.list(prefix, after, limit + 1);
          List<StoredFile> page = found.subList(0, Math.min(limit, found.size()));
          Map<String, @Nullable Object> answer = new LinkedHashMap<>();
          answer.put("files", page.stream().map(FileListing::describe).toList());
          answer.put("next", found.size() > limit ? page.getLast().path().value() : null);
          exchange.json(200, answer);
        });
  }

  /** A version as JSON has it. */
  static Map<String, @Nullable Object> describe(StoredFile file) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("path", file.path().value());
    fields.put("size", file.size());
    fields.put("etag", file.etag());
    fields.put("modified", file.modified().toString());
    return fields;
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return DEFAULT_PAGE;
    }
    boolean number = text.matches("[0-9]{1,6}");
    int limit = number ? Integer.parseInt(text) : 0;
    FileCalls.refuse(
        limit < 1 || limit > MAX_PAGE,
        400,
        "bad-limit",
        "limit: " + text + " (expected: 1.." + MAX_PAGE + ").");
    return limit;
  }
}
