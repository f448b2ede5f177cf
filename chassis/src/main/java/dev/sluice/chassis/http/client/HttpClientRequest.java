package dev.sluice.chassis.http.client;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A request to another server.
 *
 * @param server where it goes
 * @param method for example {@code GET}
 * @param target path and query, percent-encoded, with leading slash
 * @param headers without {@code Host} and {@code Content-Length}, which are added
 * @param body null = none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HttpClientRequest(
    AskedServer server, String method, String target, HttpHeaders headers, byte @Nullable [] body) {

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
    return new HttpClientRequest(AskedServer.of(base), method, target, headers, body);
  }

  /** The same sent to one address, whatever the host's name leads to. */
  public HttpClientRequest to(InetAddress at) {
    return to(new AskedServer(server.secure(), server.host(), server.port(), at));
  }

  /** The same sent to another port. */
  public HttpClientRequest port(int other) {
    return to(new AskedServer(server.secure(), server.host(), other, server.address()));
  }

  private HttpClientRequest to(AskedServer other) {
    return new HttpClientRequest(other, method, target, headers, body);
  }

  /** True if sending it twice does no more than sending it once. */
  boolean repeatable() {
    return method.equals("GET") || method.equals("HEAD");
  }
}
