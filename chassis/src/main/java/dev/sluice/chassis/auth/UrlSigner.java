package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
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
 *
 * <p>A token for all below a prefix stands in the path ({@link dev.sluice.chassis.http.TokenPath})
 * and is {@code EXPIRY.SESSION.SIGNATURE}:
 *
 * <pre>
 *   SESSION    names the viewer, who keeps it when its token is renewed; base64url
 *   SIGNATURE  as above, of "prefix" "\n" EXPIRY "\n" SESSION "\n" prefix "\n" client
 * </pre>
 *
 * <p>The first line keeps both kinds apart. A prefix ends with a slash: {@code /live/demo/}.
 */
public final class UrlSigner {
  private static final int MAX_EXPIRY_DIGITS = 16;
  private static final int MAX_SESSION = 32;
  private static final int SESSION_BYTES = 8;
  private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9_-]{1," + MAX_SESSION + "}");

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
    String expiry = Long.toHexString(expiryEpochSeconds);
    return expiry + "." + signature(expiry, path, client);
  }

  /**
   * A token for all below a prefix.
   *
   * @param prefix decoded, begins and ends with a slash
   * @param session of {@link #newSession}, or that of the token that is renewed
   * @param expiryEpochSeconds first second at which it is no longer good
   * @param client the only address that may use it; null = any
   * @throws IllegalArgumentException if prefix or session have another form
   */
  public String signPrefix(
      String prefix, String session, long expiryEpochSeconds, @Nullable InetAddress client) {
    if (!prefix.startsWith("/") || !prefix.endsWith("/")) {
      throw new IllegalArgumentException(
          "prefix: " + prefix + " (expected: a slash in front and at the end)");
    }
    if (!SESSION.matcher(session).matches()) {
      throw new IllegalArgumentException(
          "session: " + session + " (expected: 1 to " + MAX_SESSION + " of base64url)");
    }
    String signed = Long.toHexString(expiryEpochSeconds) + "." + session;
    return signed + "." + signature(prefixMessage(signed), prefix, client);
  }

  /** Names a viewer; not two alike. */
  public static String newSession() {
    byte[] bytes = new byte[SESSION_BYTES];
    ThreadLocalRandom.current().nextBytes(bytes); // no secret: a signature goes with it
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String prefixMessage(String signed) {
    return "prefix\n" + signed.replace('.', '\n');
  }

  /**
   * Checks a token, against the client's address and against none.
   *
   * @param now the time of the request
   */
  public Verdict verify(
      String path, @Nullable String token, Instant now, @Nullable InetAddress client) {
    int dot = token == null ? -1 : token.indexOf('.');
    Instant end = token == null ? null : expiry(token, dot);
    if (token == null || end == null) {
      return new Verdict.Missing();
    }
    String message = token.substring(0, dot);
    return verdict(message, path, token.substring(dot + 1), end, now, client);
  }

  /**
   * Checks a token for all below a prefix, against the client's address and against none.
   *
   * @param prefix decoded, begins and ends with a slash
   * @param now the time of the request
   */
  public Verdict verifyPrefix(
      String prefix, String token, Instant now, @Nullable InetAddress client) {
    int dot = token.indexOf('.');
    int last = token.indexOf('.', dot + 1);
    Instant end = expiry(token, dot);
    if (end == null || last <= dot + 1 || last > dot + 1 + MAX_SESSION) {
      return new Verdict.Missing();
    }
    String message = prefixMessage(token.substring(0, last));
    return verdict(message, prefix, token.substring(last + 1), end, now, client);
  }

  /** Null if it is not of the right form. */
  private static @Nullable Instant expiry(String token, int dot) {
    if (dot < 1 || dot > MAX_EXPIRY_DIGITS) {
      return null;
    }
    try {
      return Instant.ofEpochSecond(HexFormat.fromHexDigitsToLong(token, 0, dot));
    } catch (RuntimeException e) {
      return null;
    }
  }

  private Verdict verdict(
      String message,
      String path,
      String given,
      Instant end,
      Instant now,
      @Nullable InetAddress client) {
    boolean good = same(given, signature(message, path, null));
    if (client != null) {
      good |= same(given, signature(message, path, client));
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

  private String signature(String message, String path, @Nullable InetAddress client) {
    String address = client == null ? "" : client.getHostAddress();
    return hmac.sign(message + "\n" + path + "\n" + address);
  }
}
