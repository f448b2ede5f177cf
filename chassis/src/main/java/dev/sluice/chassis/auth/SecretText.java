package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Compares secrets in a time that does not tell how much of a guess was right. */
final class SecretText {
  private SecretText() {}

  static boolean same(Secret secret, String given) {
    return MessageDigest.isEqual(
        secret.reveal().getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
