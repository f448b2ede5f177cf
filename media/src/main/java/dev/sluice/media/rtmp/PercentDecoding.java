package dev.sluice.media.rtmp;

import java.nio.charset.StandardCharsets;

/**
 * Percent-decoding of what RTMP peers send (RFC 3986 section 2.1), once, to UTF-8. A plus stays a
 * plus, a broken escape stays as it is. Pure.
 */
final class PercentDecoding {
  /** Stands where the bytes were no UTF-8. */
  static final char REPLACEMENT = '\uFFFD';

  private PercentDecoding() {}

  static String of(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
      int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
      if (in[i] == '%' && high >= 0 && low >= 0) {
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[length++] = in[i];
      }
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }
}
