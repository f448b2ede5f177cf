package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs text: base64url, no padding, of the first 16 bytes of HMAC-SHA256. Any thread. */
final class HmacText {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SIGNATURE_BYTES = 16;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final SecretKeySpec key;

  /**
   * A signer.
   *
   * @throws IllegalArgumentException if the secret is empty
   */
  HmacText(Secret secret) {
    if (secret.isEmpty()) {
      throw new IllegalArgumentException("signing secret: empty (expected: a secret)");
    }
    this.key = new SecretKeySpec(secret.reveal().getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  String sign(String message) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] all = mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
      return BASE64.encodeToString(Arrays.copyOf(all, SIGNATURE_BYTES));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }
}
