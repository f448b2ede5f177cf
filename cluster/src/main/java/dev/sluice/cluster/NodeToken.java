package dev.sluice.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The secret of one node, by which a balancer knows it again. Balancers keep its fingerprint only:
 * the SHA-256 of the token in hexadecimal, as {@code printf %s TOKEN | sha256sum} prints it. It
 * never shows itself in logs.
 */
public final class NodeToken {
  /** Fewest characters: a fingerprint is public, and a short token could be guessed from it. */
  public static final int SHORTEST = 16;

  private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{16,256}");
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
  private static final int RANDOM_BYTES = 32;
  private static final String FILE = "node-token";

  private final String value;

  private NodeToken(String value) {
    this.value = value;
  }

  /**
   * The token itself.
   *
   * @throws IllegalArgumentException if it is too short, too long or has spaces
   */
  public static NodeToken of(String value) {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "node token: " + value.length() + " characters (expected: 16 to 256 without spaces)");
    }
    return new NodeToken(value);
  }

  /** 256 random bits. */
  public static NodeToken random() {
    byte[] bits = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(bits);
    return new NodeToken(HexFormat.of().formatHex(bits));
  }

  /**
   * The token that is kept in a directory; made there the first time, for the owner's eyes only.
   *
   * @throws IOException if it cannot be read or written, or is not one; the message says what to do
   */
  static NodeToken keptIn(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try {
      return of(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      NodeToken made = random();
      DurableFile.replace(file, (made.value + "\n").getBytes(StandardCharsets.US_ASCII));
      return made;
    } catch (IllegalArgumentException e) {
      throw new IOException(
          file
              + ": no node token ("
              + e.getMessage()
              + "). Restore it, or remove it and approve"
              + " the node again",
          e);
    }
  }

  /** True if a text can be a fingerprint. */
  public static boolean isFingerprint(String text) {
    return FINGERPRINT.matcher(text).matches();
  }

  /** The token in the clear; keep it out of logs and answers. */
  public String reveal() {
    return value;
  }

  /** SHA-256 in hexadecimal, 64 digits. */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(value.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "******";
  }
}
