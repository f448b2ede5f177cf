package dev.sluice.media.rtmp;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Asks encoders for user and password when they connect, in the way of Adobe's servers ({@code
 * authmod=adobe}), which OBS, ffmpeg and hardware encoders know. The password is a stream key and
 * never crosses the line; the user may be anything.
 *
 * <pre>
 *  encoder                                   server
 *  connect app                           --> rejected: code=403 need auth; authmod=adobe
 *  connect app?authmod=adobe&amp;user=U      --> rejected: ?reason=needauth&amp;user=U&amp;salt=S&amp;opaque=O
 *  connect app?...&amp;challenge=C&amp;response=R --> accepted
 *
 *  R = base64(md5(base64(md5(U S password)) O C))
 * </pre>
 *
 * <p>Each step is a connection of its own, so nothing is kept: O says when it was made, and S
 * follows from U, O and a secret of this process. An encoder is known by what FMLE called itself;
 * one that shows a key or a token in the address of its app is not asked, nor are players.
 *
 * <p>Threading: any thread.
 */
public final class PublisherLogin {
  /** What a connection is told. */
  sealed interface Answer {
    /**
     * Go on.
     *
     * @param key the password that was proven, or empty
     */
    record Accepted(String key) implements Answer {}

    /** Not so, in words that encoders look into. */
    record Rejected(String description) implements Answer {}
  }

  private static final long FRESH_NANOS = 60_000_000_000L;
  private static final int OPAQUE_DIGITS = 16;
  private static final int MAX_LENGTH = 200;
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9._@~-]{1,64}");
  private static final String REJECT = "[ AccessManager.Reject ] : ";
  private static final String ADOBE = REJECT + "[ authmod=adobe ] : ";
  private static final Set<String> WORDS = Set.of("authmod", "challenge", "response", "opaque");

  private final Set<String> apps;
  private final Function<Predicate<String>, @Nullable String> passwords;
  private final byte[] secret = new byte[32];

  /**
   * Of some apps.
   *
   * @param apps whose encoders are asked
   * @param passwords gives one for which the test holds, or null; tries all
   */
  public PublisherLogin(Set<String> apps, Function<Predicate<String>, @Nullable String> passwords) {
    this.apps = Set.copyOf(apps);
    this.passwords = passwords;
    new SecureRandom().nextBytes(secret);
  }

  /** Whether a parameter belongs to the login and to nobody else. */
  static boolean owns(String param) {
    return WORDS.contains(param);
  }

  /** Whether encoders that connect to this app, as sent, are asked. */
  boolean asks(String app) {
    return apps.contains(nameOf(app));
  }

  /**
   * Answers connect.
   *
   * @param app as sent
   * @param agent what the peer calls itself
   * @param params of app and tcUrl
   */
  Answer answer(String app, String agent, Map<String, String> params, long nowNanos) {
    if (!asks(app)) {
      return new Answer.Accepted("");
    }
    String authmod = params.get("authmod");
    if (authmod == null) {
      boolean asked =
          agent.startsWith("FMLE") && !params.containsKey("key") && !params.containsKey("token");
      return asked
          ? new Answer.Rejected(REJECT + "[ code=403 need auth; authmod=adobe ] : ")
          : new Answer.Accepted("");
    }
    String user = params.getOrDefault("user", "");
    if (!authmod.equals("adobe") || !USER.matcher(user).matches()) {
      return new Answer.Rejected(ADOBE + "?reason=nosuchuser");
    }
    String response = params.get("response");
    if (response == null) {
      String opaque = HexFormat.of().toHexDigits(nowNanos);
      return new Answer.Rejected(
          ADOBE
              + "?reason=needauth&user="
              + user
              + "&salt="
              + salt(user, opaque)
              + "&challenge="
              + opaque
              + "&opaque="
              + opaque);
    }
    String key = proven(user, params, response, nowNanos);
    return key == null
        ? new Answer.Rejected(ADOBE + "?reason=authfailed")
        : new Answer.Accepted(key);
  }

  private @Nullable String proven(
      String user, Map<String, String> params, String response, long nowNanos) {
    String opaque = params.getOrDefault("opaque", "");
    String challenge = params.getOrDefault("challenge", "");
    if (!fresh(opaque, nowNanos) || challenge.length() > MAX_LENGTH) {
      return null;
    }
    String salt = salt(user, opaque);
    byte[] given = response.getBytes(StandardCharsets.UTF_8);
    return passwords.apply(
        password -> {
          String hash = md5(user + salt + password);
          byte[] right = md5(hash + opaque + challenge).getBytes(StandardCharsets.UTF_8);
          return MessageDigest.isEqual(right, given);
        });
  }

  private static boolean fresh(String opaque, long nowNanos) {
    if (opaque.length() != OPAQUE_DIGITS) {
      return false;
    }
    try {
      long age = nowNanos - HexFormat.fromHexDigitsToLong(opaque);
      return age >= 0 && age < FRESH_NANOS;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The app without its query and its slashes. */
  private static String nameOf(String app) {
    int question = app.indexOf('?');
    String path = question < 0 ? app : app.substring(0, question);
    return path.replaceAll("^/+|/+$", "");
  }

  private String salt(String user, String opaque) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      byte[] made = mac.doFinal((user + "\n" + opaque).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(made, 0, 8);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String md5(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
