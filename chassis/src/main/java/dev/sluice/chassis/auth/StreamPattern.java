package dev.sluice.chassis.auth;

import java.util.regex.Pattern;

/**
 * Names of streams as operators write them: a name or {@code app/name}, in which {@code *} stands
 * for any run of characters but a slash: {@code demo}, {@code live/team-*}, {@code *}. Immutable.
 */
public final class StreamPattern {
  private final String text;
  private final Pattern regex;

  private StreamPattern(String text, Pattern regex) {
    this.text = text;
    this.regex = regex;
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public static StreamPattern of(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          "stream pattern: empty (expected: a name such as live/demo or team-*)");
    }
    String full = text.indexOf('/') < 0 ? "*/" + text : text;
    StringBuilder regex = new StringBuilder();
    for (String literal : full.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : "[^/]*");
      regex.append(Pattern.quote(literal));
    }
    return new StreamPattern(text, Pattern.compile(regex.toString()));
  }

  /** True if the stream, written {@code app/name}, is one of those meant. */
  public boolean fits(String stream) {
    return regex.matcher(stream).matches();
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }
}
