package dev.sluice.origin.files;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The digests that a client promises for its content: Content-Digest and Repr-Digest (RFC 9530). An
 * upload here has no content coding and no range, so the two mean the same bytes.
 *
 * @param expected algorithm ({@code sha-256}, {@code sha-512}) to lower-case hexadecimal
 */
public record ContentDigests(Map<String, String> expected) {
  /** A client that promises nothing. */
  public static final ContentDigests NONE = new ContentDigests(Map.of());

  private static final Map<String, Integer> KNOWN = Map.of("sha-256", 32, "sha-512", 64);

  /** Copies the map. */
  public ContentDigests {
    expected = Map.copyOf(expected);
  }

  /**
   * From header values, each a dictionary such as {@code sha-256=:BASE64:, md5=:BASE64:}.
   * Algorithms that we do not know are ignored, as the RFC wants.
   *
   * @throws IllegalArgumentException with a sentence for the client when one is malformed, or when
   *     two values differ
   */
  public static ContentDigests parse(@Nullable String... headers) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String header : headers) {
      if (header == null) {
        continue;
      }
      for (String member : header.split(",")) {
        int equals = member.indexOf('=');
        if (equals < 0) {
          throw new IllegalArgumentException(
              "digest: " + member.trim() + " (expected: sha-256=:BASE64:)");
        }
        String algorithm = member.substring(0, equals).trim().toLowerCase(Locale.ROOT);
        Integer length = KNOWN.get(algorithm);
        if (length != null) {
          String hex = decode(algorithm, member.substring(equals + 1).trim(), length);
          String before = found.put(algorithm, hex);
          if (before != null && !before.equals(hex)) {
            throw new IllegalArgumentException("digest: two different values of " + algorithm);
          }
        }
      }
    }
    return new ContentDigests(found);
  }

  private static String decode(String algorithm, String value, int length) {
    String wanted = " (expected: " + algorithm + "=:BASE64 of " + length + " bytes:)";
    if (value.length() < 2 || !value.startsWith(":") || !value.endsWith(":")) {
      throw new IllegalArgumentException("digest: " + value + wanted);
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(value.substring(1, value.length() - 1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("digest: " + value + wanted, e);
    }
    if (bytes.length != length) {
      throw new IllegalArgumentException("digest: " + bytes.length + " bytes" + wanted);
    }
    return HexFormat.of().formatHex(bytes);
  }

  /** The value of Repr-Digest for a SHA-256 in hexadecimal. */
  static String reprDigest(String hash) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hash)) + ":";
  }

  /** An algorithm that every Java has. */
  public static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
