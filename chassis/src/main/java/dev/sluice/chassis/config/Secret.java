package dev.sluice.chassis.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A password, token or key, given in the file or as {@code file:/path} of a file that holds it. It
 * never shows itself in logs: {@link #toString} hides it.
 */
public final class Secret {
  /** No secret. */
  public static final Secret NONE = new Secret("", null);

  static final String EXPECTED = "a secret, or file:/path of a readable file that holds one";

  private final String value;
  private final @Nullable Path file;

  private Secret(String value, @Nullable Path file) {
    this.value = value;
    this.file = file;
  }

  /** The secret itself, not a reference to a file. */
  public static Secret of(String value) {
    return new Secret(value, null);
  }

  /**
   * Reads the file when the text begins with {@code file:}; space around a file's content is cut.
   *
   * @throws IllegalArgumentException if the file cannot be read or is empty
   */
  public static Secret parse(String text) {
    if (!text.startsWith("file:")) {
      return new Secret(text, null);
    }
    String read;
    Path file;
    try {
      file = Path.of(text.substring("file:".length()));
      read = Files.readString(file).strip();
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          EXPECTED + " (cannot read " + text + "; `sluice token new FILE` makes one)", e);
    }
    if (read.isEmpty()) {
      throw new IllegalArgumentException(EXPECTED + " (" + text + " is empty)");
    }
    return new Secret(read, file);
  }

  /** The secret in the clear; keep it out of logs and answers. */
  public String reveal() {
    return value;
  }

  /** The file that it was read from; null when it was given itself. */
  @Nullable Path file() {
    return file;
  }

  /** True if none was given. */
  public boolean isEmpty() {
    return value.isEmpty();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(value);
  }

  @Override
  public String toString() {
    return value.isEmpty() ? "" : "******";
  }
}
