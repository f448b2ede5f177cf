package dev.sluice.chassis.config;

import java.net.URI;
import java.util.List;

/** What {@link HttpRoot} and {@link RtmpRoot} have in common. */
final class RootUrls {
  private RootUrls() {}

  static URI parse(String text, String expected) {
    try {
      return URI.create(text.strip().replaceAll("/+$", ""));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected, e);
    }
  }

  static void check(URI uri, String expected, String... schemes) {
    boolean good =
        uri.getScheme() != null
            && List.of(schemes).contains(uri.getScheme())
            && uri.getHost() != null
            && uri.getPort() != 0
            && uri.getPort() <= 65535
            && uri.getRawUserInfo() == null
            && uri.getRawPath().isEmpty()
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null;
    if (!good) {
      throw new IllegalArgumentException(expected);
    }
  }
}
