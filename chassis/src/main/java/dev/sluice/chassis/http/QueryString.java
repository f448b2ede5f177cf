package dev.sluice.chassis.http;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of a query by name, first value each. Pure.
 *
 * @param values decoded
 */
record QueryString(Map<String, String> values) {
  private static final int MOST_PAIRS = 256;

  /**
   * Reads a query as sent.
   *
   * @throws ProblemException 400 for a malformed escape
   */
  static QueryString parse(String raw) {
    if (raw.isEmpty()) {
      return new QueryString(Map.of());
    }
    Map<String, String> values = new HashMap<>();
    for (String pair : raw.split("&", MOST_PAIRS)) {
      int equals = pair.indexOf('=');
      String name = RequestTarget.decode(equals < 0 ? pair : pair.substring(0, equals), true);
      String value = equals < 0 ? "" : RequestTarget.decode(pair.substring(equals + 1), true);
      if (name == null || value == null) {
        throw new ProblemException(
            Problem.badRequest("bad-query", "The query has a malformed percent escape."));
      }
      values.putIfAbsent(name, value);
    }
    return new QueryString(values);
  }

  /** Null when absent. */
  @Nullable String first(String name) {
    return values.get(name);
  }
}
