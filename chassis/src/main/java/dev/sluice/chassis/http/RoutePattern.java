package dev.sluice.chassis.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A path pattern taken apart; see {@code Routes} for the syntax. Pure. */
public final class RoutePattern {
  private final String text;
  private final List<Segment> segments;
  private final boolean openEnded;
  private final int fixedCharacters;

  /** Text before a name, the name (null: fixed text only), text after it. */
  private record Segment(String before, @Nullable String name, String after) {}

  /** What a pattern took from a path: names with their values, and what {@code **} stands for. */
  record Match(RoutePattern pattern, Map<String, String> params, String rest) {}

  private RoutePattern(
      String text, List<Segment> segments, boolean openEnded, int fixedCharacters) {
    this.text = text;
    this.segments = segments;
    this.openEnded = openEnded;
    this.fixedCharacters = fixedCharacters;
  }

  static RoutePattern parse(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("pattern: " + text + " (expected: a leading slash)");
    }
    boolean open = text.equals("/**") || text.endsWith("/**");
    String fixed = open ? text.substring(0, text.length() - 2) : text;
    List<Segment> segments = new ArrayList<>();
    int count = 0;
    String body = open ? fixed.substring(1) : fixed.substring(1) + "/";
    for (String part : body.isEmpty() ? new String[0] : body.split("/")) {
      int from = part.indexOf('{');
      int to = part.indexOf('}');
      if (from < 0) {
        segments.add(new Segment(part, null, ""));
        count += part.length() + 1;
      } else {
        if (to < from || part.indexOf('{', from + 1) >= 0) {
          throw new IllegalArgumentException(
              "pattern: " + text + " (expected: one {name} a segment)");
        }
        segments.add(
            new Segment(
                part.substring(0, from), part.substring(from + 1, to), part.substring(to + 1)));
        count += part.length() - (to - from);
      }
    }
    return new RoutePattern(text, List.copyOf(segments), open, count);
  }

  /** As it was given. */
  public String text() {
    return text;
  }

  boolean exact() {
    return !openEnded && segments.stream().allMatch(s -> s.name() == null);
  }

  int fixedCharacters() {
    return fixedCharacters;
  }

  @Nullable Match match(String path) {
    Map<String, String> params = Map.of();
    int at = 1;
    for (int i = 0; i < segments.size(); i++) {
      if (at > path.length()) {
        return null;
      }
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      Segment segment = segments.get(i);
      String name = segment.name();
      if (name == null) {
        if (end - at != segment.before().length() || !path.startsWith(segment.before(), at)) {
          return null;
        }
      } else {
        int from = at + segment.before().length();
        int to = end - segment.after().length();
        if (to <= from
            || !path.startsWith(segment.before(), at)
            || !path.startsWith(segment.after(), to)) {
          return null;
        }
        params = params.isEmpty() ? new LinkedHashMap<>(4) : params;
        params.put(name, path.substring(from, to));
      }
      at = end + 1;
      if (slash < 0) {
        boolean last = i == segments.size() - 1;
        return last && !openEnded ? new Match(this, params, "") : null;
      }
    }
    return openEnded ? new Match(this, params, path.substring(at)) : null;
  }
}
