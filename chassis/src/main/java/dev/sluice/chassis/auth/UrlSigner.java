package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Signs paths, so that an edge serves only viewers whom a balancer sent. The token is {@code
 * EXPIRY.SIGNATURE}, given as the query parameter {@code token}:
 *
 * <pre>
 *   EXPIRY     seconds since 1970 in lower-case hex
 *   SIGNATURE  base64url, no padding, of the first 16 bytes of
 *              HMAC-SHA256(secret, EXPIRY "\n" path "\n" client)
 * </pre>
 *
 * <p>{@code path} is the decoded path without the query; {@code client} is the viewer's address or
 * empty. A token made for one address is refused from another.
 */
public final class UrlSigner {
  private final HmacText hmac;

  /**
   * A signer.
   *
   * @throws IllegalArgumentException if the secret is empty
   */
  public UrlSigner(Secret secret) {
    this.hmac = new HmacText(secret);
  }

  /** What a check found. */
  public sealed interface Verdict {
    /** Serve it. */
    record Valid(Instant expiry) implements Verdict {}

    /** It was good once. */
    record Expired(Instant expiry) implements Verdict {}

    /** Not ours, for another path or for another viewer. */
    record Forged() implements Verdict {}

    /** None given, or not of the right form. */
    record Missing() implements Verdict {}
  }

  /**
   * A token.
   *
   * @param path decoded, with its leading slash, without the query
   * @param expiryEpochSeconds first second at which it is no longer good
   * @param client the only address that may use it; null = any
   */
  public String sign(String path, long expiryEpochSeconds, @Nullable InetAddress client) {
    String expiry = HexFormat.of().toHexDigits(expiryEpochSeconds).replaceFirst("^0+(?=.)", "");
    return expiry + "." + signature(expiry, path, client);
  }

  /**
   * Checks a token, against the client's address and against none.
   *
   * @param now the time of the request
   */
  public Verdict verify(
      String path, @Nullable String token, Instant now, @Nullable InetAddress client) {
    int dot = token == null ? -1 : token.indexOf('.');
    if (token == null || dot < 1 || dot > 16) {
      return new Verdict.Missing();
    }
    String expiry = token.substring(0, dot);
    Instant end;
    try {
      end = Instant.ofEpochSecond(HexFormat.fromHexDigitsToLong(expiry));
    } catch (RuntimeException e) {
      return new Verdict.Missing();
    }
    String given = token.substring(dot + 1);
    boolean good = same(given, signature(expiry, path, null));
    if (client != null) {
      good |= same(given, signature(expiry, path, client));
    }
    if (!good) {
      return new Verdict.Forged();
    }
    return now.isBefore(end) ? new Verdict.Valid(end) : new Verdict.Expired(end);
  }

  private static boolean same(String a, String b) {
    return MessageDigest.isEqual(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  private String signature(String expiry, String path, @Nullable InetAddress client) {
    String address = client == null ? "" : client.getHostAddress();
    return hmac.sign(expiry + "\n" + path + "\n" + address);
  }
}
