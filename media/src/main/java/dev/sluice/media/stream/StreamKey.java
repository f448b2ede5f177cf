package dev.sluice.media.stream;

import org.jspecify.annotations.Nullable;

/**
 * The name of a live stream, written {@code app/name}, such as {@code live/demo}.
 *
 * @param app 1 to 128 characters; segments of letters, digits and {@code . _ - ~} parted by single
 *     slashes
 * @param name one such segment, 1 to 128 characters
 */
public record StreamKey(String app, String name) {
  private static final int MAX_LENGTH = 128;

  /** Rejects everything that could be mistaken for another path. */
  public StreamKey {
    String fault = appFault(app);
    if (fault == null) {
      fault = segmentFault(name, 0, name.length());
    }
    if (fault != null) {
      throw new IllegalArgumentException("stream key: " + fault);
    }
  }

  /** Reads the written form; the last slash parts app and name. Null when it is no valid key. */
  public static @Nullable StreamKey parse(String written) {
    int slash = written.lastIndexOf('/');
    return slash < 0 ? null : of(written.substring(0, slash), written.substring(slash + 1));
  }

  /** The key of two parts, or null when they make no valid key. */
  public static @Nullable StreamKey of(String app, String name) {
    return appFault(app) == null && segmentFault(name, 0, name.length()) == null
        ? new StreamKey(app, name)
        : null;
  }

  private static @Nullable String appFault(String app) {
    if (app.length() > MAX_LENGTH) {
      return "too long (expected: at most " + MAX_LENGTH + " characters)";
    }
    int start = 0;
    while (true) {
      int slash = app.indexOf('/', start);
      String fault = segmentFault(app, start, slash < 0 ? app.length() : slash);
      if (fault != null || slash < 0) {
        return fault;
      }
      start = slash + 1;
    }
  }

  private static @Nullable String segmentFault(String text, int from, int to) {
    if (from == to) {
      return "empty segment";
    }
    if (to - from > MAX_LENGTH) {
      return "too long (expected: at most " + MAX_LENGTH + " characters)";
    }
    boolean dots = true;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!allowed(c)) {
        return "character " + (int) c + " (expected: letters, digits and . _ - ~)";
      }
      dots &= c == '.';
    }
    return dots ? "segment of dots" : null;
  }

  private static boolean allowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-'
        || c == '~';
  }

  @Override
  public String toString() {
    return app + "/" + name;
  }
}
