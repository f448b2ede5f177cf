package dev.sluice.edge.cache;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What the head of an origin's answer says of its body. Pure.
 *
 * @param first offset of the body's first byte
 * @param count bytes of the body, -1 when unknown
 * @param total bytes of the whole file, -1 when unknown
 */
record UpstreamHead(long first, long count, long total) {

  /** Reads the head of a 200 or 206; null when a 206 makes no sense (RFC 9110 section 14.4). */
  static @Nullable UpstreamHead of(int status, HttpHeaders headers) {
    long length = number(headers.get("Content-Length"));
    if (status == 200) {
      return new UpstreamHead(0, length, length);
    }
    String range = headers.get("Content-Range");
    if (range == null || !range.startsWith("bytes ")) {
      return null;
    }
    int dash = range.indexOf('-', 6);
    int slash = range.indexOf('/', 6);
    if (dash < 0 || slash < dash) {
      return null;
    }
    long first = number(range.substring(6, dash));
    long last = number(range.substring(dash + 1, slash));
    long total = number(range.substring(slash + 1));
    if (first < 0 || last < first || total <= last || (length >= 0 && length != last - first + 1)) {
      return null;
    }
    return new UpstreamHead(first, last - first + 1, total);
  }

  private static long number(@Nullable String text) {
    if (text == null || text.isEmpty() || text.length() > 18) {
      return -1;
    }
    long n = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      n = n * 10 + digit;
    }
    return n;
  }
}
