package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Tokens that let their holder publish some streams for some time, so that an encoder needs no
 * stream key and what it was given ends by itself. The token is {@code EXPIRY.STREAMS.SIGNATURE},
 * given as the query parameter {@code token}:
 *
 * <pre>
 *   EXPIRY     seconds since 1970 in lower-case hex
 *   STREAMS    base64url, no padding, of the {@link StreamPattern} in UTF-8
 *   SIGNATURE  base64url, no padding, of the first 16 bytes of
 *              HMAC-SHA256(secret, "publish" "\n" EXPIRY "\n" pattern)
 * </pre>
 *
 * <p>The first line keeps these apart from the tokens of {@link UrlSigner}, whose first line is a
 * number, should both ever be signed with one secret. Any of the secrets will do, so that one can
 * be replaced while tokens of the old one are out.
 *
 * <p>Threading: any thread.
 */
public final class PublishTokens {
  /** The query parameter that carries a token. */
  public static final String PARAMETER = "token";

  private static final int MAX_LENGTH = 1024;
  private static final int MAX_EXPIRY_DIGITS = 16;

  private final List<HmacText> signers;

  /**
   * Tokens of the holders of these secrets; the first signs.
   *
   * @throws IllegalArgumentException if a secret is empty
   */
  public PublishTokens(List<Secret> secrets) {
    this.signers = secrets.stream().map(HmacText::new).toList();
  }

  /** What a check found. */
  public sealed interface Verdict {
    /** May publish, as may all that this pattern fits. */
    record Valid(String pattern) implements Verdict {}

    /** It was good once. */
    record Expired(Instant expiry) implements Verdict {}

    /** It is good for other streams. */
    record OtherStream(String pattern) implements Verdict {}

    /** Not of the right form, or not signed by us. */
    record Forged() implements Verdict {}
  }

  /** True if there are no secrets, so that no token is good. */
  public boolean isEmpty() {
    return signers.isEmpty();
  }

  /**
   * A token.
   *
   * @param streams what it is good for
   * @param expiryEpochSeconds first second at which it is no longer good
   */
  public String sign(StreamPattern streams, long expiryEpochSeconds) {
    String expiry = Long.toHexString(expiryEpochSeconds);
    String pattern = streams.toString();
    byte[] utf8 = pattern.getBytes(StandardCharsets.UTF_8);
    return expiry
        + "."
        + Base64.getUrlEncoder().withoutPadding().encodeToString(utf8)
        + "."
        + signers.getFirst().sign(message(expiry, pattern));
  }

  /**
   * Checks a token.
   *
   * @param stream written {@code app/name}
   * @param now the time of the request
   */
  public Verdict verify(String stream, String token, Instant now) {
    String[] parts = token.split("\\.", -1);
    if (token.length() > MAX_LENGTH
        || parts.length != 3
        || parts[0].isEmpty()
        || parts[0].length() > MAX_EXPIRY_DIGITS) {
      return new Verdict.Forged();
    }
    Instant expiry;
    String pattern;
    try {
      expiry = Instant.ofEpochSecond(HexFormat.fromHexDigitsToLong(parts[0]));
      pattern = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    } catch (RuntimeException e) {
      return new Verdict.Forged();
    }
    if (!signed(message(parts[0], pattern), parts[2]) || pattern.isBlank()) {
      return new Verdict.Forged();
    }
    if (!now.isBefore(expiry)) {
      return new Verdict.Expired(expiry);
    }
    return StreamPattern.of(pattern).fits(stream)
        ? new Verdict.Valid(pattern)
        : new Verdict.OtherStream(pattern);
  }

  /** Tries every secret, whichever fits first. */
  private boolean signed(String message, String signature) {
    byte[] given = signature.getBytes(StandardCharsets.UTF_8);
    boolean good = false;
    for (HmacText signer : signers) {
      good |= MessageDigest.isEqual(signer.sign(message).getBytes(StandardCharsets.UTF_8), given);
    }
    return good;
  }

  private static String message(String expiry, String pattern) {
    return "publish\n" + expiry + "\n" + pattern;
  }
}
