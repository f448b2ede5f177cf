package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Compares secrets in a time that does not tell how much of a guess was right. */
final class SecretText {
  private SecretText() {}

  /**
   * Tells one secret from another in logs: the first 32 bits of its SHA-256, which are far too few
   * to find the secret by.
   */
  static String fingerprint(Secret secret) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(secret.reveal().getBytes(StandardCharsets.UTF_8));
      return "token-" + HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static boolean same(Secret secret, String given) {
    return MessageDigest.isEqual(
        secret.reveal().getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
