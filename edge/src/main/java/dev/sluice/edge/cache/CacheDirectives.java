package dev.sluice.edge.cache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The directives of {@code Cache-Control} lines (RFC 9111 section 5.2). A comma within quotes
 * separates nothing. Pure.
 */
final class CacheDirectives {
  /** The longest time that is believed, and what every longer one counts as. */
  static final long LONGEST_S = 10L * 365 * 86_400;

  private final Map<String, List<String>> values = new HashMap<>();

  CacheDirectives(Iterable<String> lines) {
    lines.forEach(this::read);
  }

  private void read(String line) {
    int from = 0;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        add(line.substring(from, i));
        from = i + 1;
      }
    }
    add(line.substring(from));
  }

  private void add(String directive) {
    int equals = directive.indexOf('=');
    String name = equals < 0 ? directive : directive.substring(0, equals);
    String value = equals < 0 ? "" : directive.substring(equals + 1);
    values
        .computeIfAbsent(name.strip().toLowerCase(Locale.ROOT), n -> new ArrayList<>(1))
        .add(name.stripTrailing().equals(name) ? value.stripTrailing() : "spaced");
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /**
   * Seconds of a directive; -1 when it is not there, 0 ("stale at once", the careful reading) when
   * it is no number or is there twice with two values (section 4.2.1).
   */
  long seconds(String name) {
    List<String> all = values.get(name);
    if (all == null) {
      return -1;
    }
    long first = deltaSeconds(all.getFirst());
    for (String other : all) {
      if (deltaSeconds(other) != first) {
        return 0;
      }
    }
    return first;
  }

  private static long deltaSeconds(String value) {
    boolean quotes = value.length() > 2 && value.startsWith("\"") && value.endsWith("\"");
    return number(quotes ? value.substring(1, value.length() - 1) : value);
  }

  /** Delta-seconds (section 1.2.2), 0 when it is none. */
  static long number(String digits) {
    long n = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      n = Math.min(LONGEST_S, n * 10 + digit);
    }
    return n;
  }
}
