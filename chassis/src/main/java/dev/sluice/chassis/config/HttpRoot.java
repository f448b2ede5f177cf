package dev.sluice.chassis.config;

import java.net.URI;

/**
 * Where a server is reached over HTTP: {@code http://origin-1.example.net:8081}, without path.
 *
 * @param uri scheme {@code http} or {@code https}, a host, perhaps a port
 */
public record HttpRoot(URI uri) {
  static final String EXPECTED = "a base URL such as http://origin-1.example.net:8081";

  /** Rejects what is more or less than scheme, host and port. */
  public HttpRoot {
    RootUrls.check(uri, EXPECTED, "http", "https");
  }

  /**
   * Reads the written form; a slash at the end is dropped.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static HttpRoot parse(String text) {
    return new HttpRoot(RootUrls.parse(text, EXPECTED));
  }

  /** Without a slash at its end. */
  @Override
  public String toString() {
    return uri.toString();
  }
}
