package dev.sluice.chassis.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A request to another server.
 *
 * @param method for example {@code GET}
 * @param host name or literal address
 * @param port 1 to 65535
 * @param target path and query, percent-encoded, with leading slash
 * @param headers without {@code Host} and {@code Content-Length}, which are added
 * @param body null = none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record UpstreamRequest(
    String method,
    String host,
    int port,
    String target,
    HttpHeaders headers,
    byte @Nullable [] body) {

  /** A GET at a base URL such as {@code http://origin:8081}. */
  public static UpstreamRequest get(URI base, String target) {
    return new UpstreamRequest(
        "GET", base.getHost(), port(base), target, new DefaultHttpHeaders(), null);
  }

  /** The URL's port, 80 when it names none. */
  public static int port(URI base) {
    return base.getPort() < 0 ? 80 : base.getPort();
  }

  /** True if sending it twice does no more than sending it once. */
  boolean repeatable() {
    return method.equals("GET") || method.equals("HEAD");
  }

  String authority() {
    String name = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    return port == 80 ? name : name + ":" + port;
  }
}
