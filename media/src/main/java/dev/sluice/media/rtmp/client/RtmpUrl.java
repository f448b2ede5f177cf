package dev.sluice.media.rtmp.client;

import dev.sluice.media.rtmp.RtmpTarget;
import dev.sluice.media.stream.StreamKey;

/**
 * Where to play from or publish to, written {@code rtmp[s]://HOST[:PORT]/APP/NAME[?QUERY]}.
 *
 * @param host name or address
 * @param secure whether TLS is spoken ({@code rtmps})
 * @param port 1 to 65535; 1935, or 443 with TLS, when not written
 * @param app everything between host and the last segment
 * @param name last segment with its query
 * @param hint query put on the tcUrl alone, for servers of ours; others do not look at it
 */
public record RtmpUrl(boolean secure, String host, int port, String app, String name, String hint) {
  private static final String PLAIN = "rtmp://";
  private static final String SECURE = "rtmps://";
  private static final int PLAIN_PORT = 1935;
  private static final int SECURE_PORT = 443;

  /** An address that is reached without TLS. */
  public RtmpUrl(String host, int port, String app, String name) {
    this(false, host, port, app, name, "");
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static RtmpUrl parse(String url) {
    boolean secure = url.startsWith(SECURE);
    if (!secure && !url.startsWith(PLAIN)) {
      throw malformed(url);
    }
    int start = secure ? SECURE.length() : PLAIN.length();
    int query = url.indexOf('?');
    String plain = query < 0 ? url : url.substring(0, query);
    int slash = plain.indexOf('/', start);
    int last = plain.lastIndexOf('/');
    if (slash < 0 || last <= slash || last == plain.length() - 1) {
      throw malformed(url);
    }
    String authority = plain.substring(start, slash);
    int bracket = authority.indexOf(']');
    int colon = authority.indexOf(':', Math.max(bracket, 0));
    String host = colon < 0 ? authority : authority.substring(0, colon);
    if (host.isEmpty()) {
      throw malformed(url);
    }
    try {
      int usual = secure ? SECURE_PORT : PLAIN_PORT;
      int port = colon < 0 ? usual : Integer.parseInt(authority.substring(colon + 1));
      if (port < 1 || port > 65535) {
        throw malformed(url);
      }
      String bare = bracket > 0 ? host.substring(1, bracket) : host;
      String app = plain.substring(slash + 1, last);
      return new RtmpUrl(secure, bare, port, app, url.substring(last + 1), "");
    } catch (NumberFormatException e) {
      throw malformed(url);
    }
  }

  /** A stream at an address. */
  public static RtmpUrl of(String host, int port, StreamKey key) {
    return new RtmpUrl(host, port, key.app(), key.name());
  }

  /** The same with a hint, such as {@code via=eu-1}. */
  public RtmpUrl withHint(String query) {
    return new RtmpUrl(secure, host, port, app, name, query);
  }

  /** The same with a query on the name, such as {@code key=secret}. */
  public RtmpUrl withQuery(String query) {
    return query.isEmpty() ? this : new RtmpUrl(secure, host, port, app, name + "?" + query, hint);
  }

  /** The same with or without TLS. */
  public RtmpUrl withTls(boolean on) {
    return new RtmpUrl(on, host, port, app, name, hint);
  }

  private String scheme() {
    return secure ? SECURE : PLAIN;
  }

  /** For a client session. */
  public RtmpTarget target() {
    String tcUrl = scheme() + hostAndPort() + "/" + app;
    return new RtmpTarget(app, hint.isEmpty() ? tcUrl : tcUrl + "?" + hint, name);
  }

  /** Host and port as written in a URL. */
  public String hostAndPort() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Without the query, which may hold a key. */
  @Override
  public String toString() {
    int query = name.indexOf('?');
    return scheme()
        + hostAndPort()
        + "/"
        + app
        + "/"
        + (query < 0 ? name : name.substring(0, query));
  }

  private static IllegalArgumentException malformed(String url) {
    int query = url.indexOf('?');
    return new IllegalArgumentException(
        "url: "
            + (query < 0 ? url : url.substring(0, query))
            + " (expected: rtmp://HOST[:PORT]/APP/NAME[?QUERY], or rtmps:)");
  }
}
