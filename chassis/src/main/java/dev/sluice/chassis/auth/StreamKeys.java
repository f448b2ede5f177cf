package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which key publishes which streams. A stream may be published with the key of any {@link
 * StreamPattern} that fits it.
 */
public final class StreamKeys {
  private final Map<StreamPattern, Secret> keys = new LinkedHashMap<>();

  /**
   * The keys by pattern.
   *
   * @throws IllegalArgumentException if a pattern or a key is empty
   */
  public StreamKeys(Map<String, Secret> keyByPattern) {
    check(keyByPattern);
    keyByPattern.forEach((pattern, key) -> keys.put(StreamPattern.of(pattern), key));
  }

  /**
   * Rejects what no keys can be made of; for configurations.
   *
   * @throws IllegalArgumentException if a pattern or a key is empty
   */
  public static void check(Map<String, Secret> keyByPattern) {
    keyByPattern.forEach(
        (pattern, key) -> {
          if (pattern.isBlank() || key.isEmpty()) {
            throw new IllegalArgumentException(
                "streamKeys: \"" + pattern + "\" (expected: a pattern with a key)");
          }
        });
  }

  /** What a key is worth for a stream. */
  public enum Verdict {
    /** It opens the stream. */
    OPENS,
    /** The stream has a key, and it is not this one. */
    WRONG_KEY,
    /** No pattern fits the stream, so that no key opens it. */
    NO_PATTERN
  }

  /** True if the key opens the stream. */
  public boolean allows(String app, String name, String key) {
    return check(app, name, key) == Verdict.OPENS;
  }

  /**
   * What the key is worth. Looks at every pattern, whichever fits first, and tells nobody whether
   * it is the key of another stream.
   */
  public Verdict check(String app, String name, String key) {
    String stream = app + "/" + name;
    boolean allowed = false;
    boolean known = false;
    for (Map.Entry<StreamPattern, Secret> entry : keys.entrySet()) {
      boolean sameKey = SecretText.same(entry.getValue(), key);
      boolean fits = entry.getKey().fits(stream);
      known |= fits;
      allowed |= sameKey && fits;
    }
    return allowed ? Verdict.OPENS : known ? Verdict.WRONG_KEY : Verdict.NO_PATTERN;
  }

  /** A key for which the test holds, or null. Tries all, whichever is found first. */
  public @Nullable String find(Predicate<String> test) {
    String found = null;
    for (Secret key : keys.values()) {
      String text = key.reveal();
      if (test.test(text)) {
        found = text;
      }
    }
    return found;
  }

  /** True if there are no keys, so that nobody can publish. */
  public boolean isEmpty() {
    return keys.isEmpty();
  }
}
