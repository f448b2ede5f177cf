package dev.sluice.lab.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a live stream is: {@code rtmp://host[:1935]/app/name[?query]}, {@code
 * http://host[:80]/path} or {@code ws://host[:80]/path}; with TLS {@code https://host[:443]/path}
 * or {@code wss://host[:443]/path}.
 *
 * @param app everything of an RTMP path but the last segment; empty otherwise
 * @param name the last segment with its query; otherwise the whole path with its query
 */
public record StreamUrl(Scheme scheme, InetSocketAddress address, String app, String name) {
  private static final int RTMP_PORT = 1935;
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /** How the stream is asked for. */
  public enum Scheme {
    RTMP,
    /** HTTP-FLV. */
    HTTP,
    /** HTTP-FLV over TLS. */
    HTTPS,
    /** WS-FLV. */
    WS,
    /** WS-FLV over TLS. */
    WSS;

    static @Nullable Scheme of(@Nullable String word) {
      for (Scheme scheme : values()) {
        if (scheme.word().equals(word)) {
          return scheme;
        }
      }
      return null;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Parses and resolves.
   *
   * @throws IllegalArgumentException for a malformed URL, an unknown host or a target that is not
   *     loopback
   */
  public static StreamUrl parse(String url) {
    URI uri = URI.create(url);
    Scheme scheme = Scheme.of(uri.getScheme());
    if (scheme == null || uri.getHost() == null) {
      throw malformed(url);
    }
    boolean rtmp = scheme == Scheme.RTMP;
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String path = uri.getRawPath();
    String app = "";
    String name = (path.isEmpty() ? "/" : path) + query;
    if (rtmp) {
      int slash = path.lastIndexOf('/');
      if (slash < 2 || slash == path.length() - 1) {
        throw malformed(url);
      }
      app = path.substring(1, slash);
      name = path.substring(slash + 1) + query;
    }
    int port = uri.getPort() > 0 ? uri.getPort() : usualPort(scheme);
    InetAddress host = resolve(uri.getHost());
    LoopbackOnly.check(host);
    return new StreamUrl(scheme, new InetSocketAddress(host, port), app, name);
  }

  private static int usualPort(Scheme scheme) {
    return switch (scheme) {
      case RTMP -> RTMP_PORT;
      case HTTP, WS -> HTTP_PORT;
      case HTTPS, WSS -> HTTPS_PORT;
    };
  }

  boolean rtmp() {
    return scheme == Scheme.RTMP;
  }

  /** Whether TLS is spoken. */
  boolean secure() {
    return scheme == Scheme.HTTPS || scheme == Scheme.WSS;
  }

  /** The stream with this number among many: {@code demo?key=k} becomes {@code demo-7?key=k}. */
  StreamUrl numbered(int number) {
    int query = name.indexOf('?');
    int end = query < 0 ? name.length() : query;
    int stop = rtmp() || !name.substring(0, end).endsWith(".flv") ? end : end - 4;
    String numbered = name.substring(0, stop) + "-" + number + name.substring(stop);
    return new StreamUrl(scheme, address, app, numbered);
  }

  /** The tcUrl of RTMP's connect, or the value of HTTP's Host header. */
  String authority() {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  @Override
  public String toString() {
    String path = rtmp() ? "/" + app + "/" + name : name;
    return scheme.word() + "://" + authority() + path;
  }

  private static InetAddress resolve(String host) {
    try {
      return InetAddress.getByName(host.replaceAll("[\\[\\]]", ""));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("host: " + host + " (expected: a known host)", e);
    }
  }

  private static IllegalArgumentException malformed(String url) {
    return new IllegalArgumentException(
        "url: "
            + url
            + " (expected: rtmp://host[:port]/app/name, or http, https, ws or wss://host[:port]/path)");
  }
}
