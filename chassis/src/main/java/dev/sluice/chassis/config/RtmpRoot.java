package dev.sluice.chassis.config;

import java.net.URI;

/**
 * Where a server is reached over RTMP: {@code rtmp://eu-1.example.net}, without application.
 *
 * @param uri scheme {@code rtmp} or {@code rtmps}, a host, perhaps a port
 */
public record RtmpRoot(URI uri) {
  static final String EXPECTED = "a base URL such as rtmp://eu-1.example.net:1935";

  /** Rejects what is more or less than scheme, host and port. */
  public RtmpRoot {
    RootUrls.check(uri, EXPECTED, "rtmp", "rtmps");
  }

  /**
   * Reads the written form; a slash at the end is dropped.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static RtmpRoot parse(String text) {
    return new RtmpRoot(RootUrls.parse(text, EXPECTED));
  }

  /** Without a slash at its end. */
  @Override
  public String toString() {
    return uri.toString();
  }
}
