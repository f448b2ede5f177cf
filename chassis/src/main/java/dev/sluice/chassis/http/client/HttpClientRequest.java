package dev.sluice.chassis.http.client;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A request to another server.
 *
 * @param method for example {@code GET}
 * @param secure whether over TLS
 * @param host name or literal address
 * @param port 1 to 65535
 * @param target path and query, percent-encoded, with leading slash
 * @param headers without {@code Host} and {@code Content-Length}, which are added
 * @param body null = none
 * @param address where to connect to; null = what the host's name leads to
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HttpClientRequest(
    String method,
    boolean secure,
    String host,
    int port,
    String target,
    HttpHeaders headers,
    byte @Nullable [] body,
    @Nullable InetAddress address) {

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** A GET at a base URL such as {@code http://origin:8081}, with these headers. */
  public static HttpClientRequest get(URI base, String target, HttpHeaders headers) {
    return of("GET", base, target, headers, null);
  }

  /** A GET without headers. */
  public static HttpClientRequest get(URI base, String target) {
    return get(base, target, new DefaultHttpHeaders());
  }

  /** A request at a base URL of the scheme {@code http} or {@code https}. */
  public static HttpClientRequest of(
      String method, URI base, String target, HttpHeaders headers, byte @Nullable [] body) {
    boolean secure = "https".equalsIgnoreCase(base.getScheme());
    int port = base.getPort() < 0 ? (secure ? HTTPS : HTTP) : base.getPort();
    return new HttpClientRequest(method, secure, base.getHost(), port, target, headers, body, null);
  }

  /** The same sent to one address, whatever the host's name leads to. */
  public HttpClientRequest to(InetAddress at) {
    return new HttpClientRequest(method, secure, host, port, target, headers, body, at);
  }

  /** The same sent to another port. */
  public HttpClientRequest port(int other) {
    return new HttpClientRequest(method, secure, host, other, target, headers, body, address);
  }

  /** True if sending it twice does no more than sending it once. */
  boolean repeatable() {
    return method.equals("GET") || method.equals("HEAD");
  }

  String authority() {
    String name = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    return port == (secure ? HTTPS : HTTP) ? name : name + ":" + port;
  }

  /** The host as a certificate bears it. */
  String peer() {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** Requests of equal routes may use the same connection. */
  String route() {
    String route = (secure ? "https://" : "http://") + authority();
    return address == null ? route : route + " at " + address.getHostAddress();
  }
}
