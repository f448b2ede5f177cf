package dev.sluice.lab.hls;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Requests as bytes, each made once for all players of a loop.
 *
 * <p>Threading: confined to the loop.
 */
final class Requests {
  static final String AGENT = "sluice-bench-hls";

  private static final int KNOWN = 256;

  private final String authority;
  private final String headers;
  private final Map<String, byte[]> http1 = new HashMap<>();
  private final Map<String, byte[]> firsts = new HashMap<>();
  private final Map<String, byte[]> others = new HashMap<>();

  /** None is known yet. */
  Requests(String authority) {
    this.authority = authority;
    this.headers =
        " HTTP/1.1\r\nHost: "
            + authority
            + "\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: "
            + AGENT
            + "\r\n\r\n";
  }

  /** Of HTTP/1.1. Not to be changed. */
  byte[] http1(String target) {
    return known(http1)
        .computeIfAbsent(target, t -> ("GET " + t + headers).getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Of HTTP/2, a frame without the number of its stream. Not to be changed.
   *
   * @param first whether it is the first on its connection: those after it refer to its fields
   */
  byte[] http2(String target, boolean first) {
    return known(first ? firsts : others)
        .computeIfAbsent(target, t -> Http2Frames.request(authority, t, first));
  }

  private static Map<String, byte[]> known(Map<String, byte[]> requests) {
    if (requests.size() > KNOWN) {
      requests.clear();
    }
    return requests;
  }

  /** What of a URL stands in a request. */
  static String target(URI uri) {
    return uri.getRawQuery() == null
        ? uri.getRawPath()
        : uri.getRawPath() + "?" + uri.getRawQuery();
  }
}
