package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.util.LinkedHashMap;
import java.util.Map;

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

  /** True if the key opens the stream. Looks at every pattern, whichever fits first. */
  public boolean allows(String app, String name, String key) {
    String stream = app + "/" + name;
    boolean allowed = false;
    for (Map.Entry<StreamPattern, Secret> entry : keys.entrySet()) {
      boolean sameKey = SecretText.same(entry.getValue(), key);
      boolean fits = entry.getKey().fits(stream);
      allowed |= sameKey && fits;
    }
    return allowed;
  }

  /** True if there are no keys, so that nobody can publish. */
  public boolean isEmpty() {
    return keys.isEmpty();
  }
}
