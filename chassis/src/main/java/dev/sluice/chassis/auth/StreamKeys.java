package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which key publishes which streams. A pattern is a stream's name or {@code app/name}, in which
 * {@code *} stands for any run of characters but a slash: {@code demo}, {@code live/team-*}, {@code
 * *}. A stream may be published with the key of any pattern that fits it.
 */
public final class StreamKeys {
  private final Map<Pattern, Secret> keys = new LinkedHashMap<>();

  /**
   * The keys by pattern.
   *
   * @throws IllegalArgumentException if a pattern or a key is empty
   */
  public StreamKeys(Map<String, Secret> keyByPattern) {
    keyByPattern.forEach(
        (pattern, key) -> {
          if (pattern.isBlank() || key.isEmpty()) {
            throw new IllegalArgumentException(
                "streamKeys: \"" + pattern + "\" (expected: a pattern with a key)");
          }
          keys.put(compile(pattern), key);
        });
  }

  private static Pattern compile(String pattern) {
    String full = pattern.indexOf('/') < 0 ? "*/" + pattern : pattern;
    StringBuilder regex = new StringBuilder();
    for (String literal : full.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : "[^/]*");
      regex.append(Pattern.quote(literal));
    }
    return Pattern.compile(regex.toString());
  }

  /** True if the key opens the stream. Looks at every pattern, whichever fits first. */
  public boolean allows(String app, String name, String key) {
    String stream = app + "/" + name;
    boolean allowed = false;
    for (Map.Entry<Pattern, Secret> entry : keys.entrySet()) {
      boolean sameKey = SecretText.same(entry.getValue(), key);
      boolean fits = entry.getKey().matcher(stream).matches();
      allowed |= sameKey && fits;
    }
    return allowed;
  }

  /** True if there are no keys, so that nobody can publish. */
  public boolean isEmpty() {
    return keys.isEmpty();
  }
}
