package dev.sluice.media.rtmp;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The digest ("complex") handshake that Flash Player 9 introduced and librtmp and ffmpeg still
 * offer. It proves nothing, but some peers play only when their digest is answered.
 *
 * <pre>
 * C1, S1   time 32 | version 32 | 1528 bytes with a 32 byte HMAC-SHA256 of the rest somewhere inside
 *          scheme 0: the four bytes at 8 say where, within the first half
 *          scheme 1: the four bytes at 772 say where, within the second half
 * S2       1504 random bytes | HMAC-SHA256 of them, with a key made of C1's digest
 * </pre>
 */
final class HandshakeDigest {
  static final int PACKET_BYTES = 1536;
  static final int DIGEST_BYTES = 32;

  private static final int SCHEMES = 2;
  private static final int[] OFFSET_FIELD = {8, 772};
  private static final int OFFSET_RANGE = 728;
  private static final byte[] SHARED =
      HexFormat.of().parseHex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae");
  private static final byte[] PLAYER = ascii("Genuine Adobe Flash Player 001");
  private static final byte[] SERVER = ascii("Genuine Adobe Flash Media Server 001");
  private static final byte[] SERVER_FULL = join(SERVER, SHARED);

  private HandshakeDigest() {}

  /** The scheme by which {@code c1} carries a player's digest, or -1 when it carries none. */
  static int schemeOf(byte[] c1) {
    for (int scheme = 0; scheme < SCHEMES; scheme++) {
      byte[] expected = digestAround(c1, offset(c1, scheme), PLAYER);
      if (MessageDigest.isEqual(expected, digestOf(c1, scheme))) {
        return scheme;
      }
    }
    return -1;
  }

  /** The digest that {@code packet} carries by this scheme. */
  static byte[] digestOf(byte[] packet, int scheme) {
    int at = offset(packet, scheme);
    return Arrays.copyOfRange(packet, at, at + DIGEST_BYTES);
  }

  /** Puts a player's digest into C1. */
  static void signAsPlayer(byte[] c1, int scheme) {
    sign(c1, scheme, PLAYER);
  }

  /** Puts the server's digest into S1. */
  static void signAsServer(byte[] s1, int scheme) {
    sign(s1, scheme, SERVER);
  }

  /** Ends S2 with the answer to the digest of C1. */
  static void answer(byte[] s2, byte[] clientDigest) {
    byte[] key = hmac(SERVER_FULL, clientDigest, 0, clientDigest.length, null);
    byte[] digest = hmac(key, s2, 0, PACKET_BYTES - DIGEST_BYTES, null);
    System.arraycopy(digest, 0, s2, PACKET_BYTES - DIGEST_BYTES, DIGEST_BYTES);
  }

  private static void sign(byte[] packet, int scheme, byte[] key) {
    int at = offset(packet, scheme);
    System.arraycopy(digestAround(packet, at, key), 0, packet, at, DIGEST_BYTES);
  }

  private static int offset(byte[] packet, int scheme) {
    int field = OFFSET_FIELD[scheme];
    int sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += packet[field + i] & 0xFF;
    }
    return field + 4 + sum % OFFSET_RANGE;
  }

  private static byte[] digestAround(byte[] packet, int at, byte[] key) {
    int behind = at + DIGEST_BYTES;
    return hmac(key, packet, 0, at, Arrays.copyOfRange(packet, behind, PACKET_BYTES));
  }

  private static byte[] hmac(
      byte[] key, byte[] data, int from, int length, byte @Nullable [] moreData) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(data, from, length);
      if (moreData != null) {
        mac.update(moreData);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is part of every JDK", e);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
