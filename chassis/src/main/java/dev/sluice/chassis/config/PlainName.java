package dev.sluice.chassis.config;

import java.util.regex.Pattern;

/**
 * What nodes and regions may be called: letters, digits, dots, underscores and dashes, at most 64
 * of them, the first a letter or digit. Such a name is the same in URLs, file names, logs and
 * labels of metrics. Pure.
 */
public final class PlainName {
  /** What is expected, for messages. */
  public static final String FORM =
      "at most 64 letters, digits, dots, underscores and dashes, the first a letter or digit";

  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  private PlainName() {}

  /** True if nodes and regions may be called so. */
  public static boolean isValid(String text) {
    return PATTERN.matcher(text).matches();
  }

  /**
   * Lets pass a name, and the empty text where there may be none.
   *
   * @param key of the setting
   * @throws IllegalArgumentException with what was expected
   */
  public static void require(String key, String name, boolean mayBeEmpty) {
    if (!isValid(name) && !(mayBeEmpty && name.isEmpty())) {
      throw new IllegalArgumentException(key + ": " + name + " (expected: " + FORM + ")");
    }
  }
}
