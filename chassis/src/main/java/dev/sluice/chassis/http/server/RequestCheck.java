package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.Authority;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.RequestTarget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a head must be before anyone looks at it. Of a target that is a whole URL the host counts,
 * and stands in {@code Host} afterwards (RFC 9112 section 3.2.2). Pure but for that.
 */
final class RequestCheck {
  private static final RequestTarget ROOT = new RequestTarget("/", "/", "", "");

  private RequestCheck() {}

  /**
   * A head that was read.
   *
   * @param target the root when it cannot be told
   */
  record Head(RequestTarget target, @Nullable Problem problem) {}

  static Head read(HttpRequest request) {
    Problem problem = problem(request);
    if (problem != null) {
      return new Head(ROOT, problem);
    }
    return target(request.method().name(), request.uri(), request.headers());
  }

  private static Head target(String method, String uri, HttpHeaders headers) {
    try {
      RequestTarget target = RequestTarget.parse(method, uri);
      if (!target.authority().isEmpty()) {
        headers.set(HttpHeaderNames.HOST, target.authority());
      }
      return new Head(target, null);
    } catch (ProblemException e) {
      return new Head(ROOT, e.problem());
    }
  }

  /**
   * A head of HTTP/2 that is not {@link #malformed}, by the rules of the others.
   *
   * @param headers without the pseudo-headers, {@code Host} among them
   * @param maxUriBytes longest path with its query
   */
  static Head read(Http2Headers pseudo, HttpHeaders headers, int maxUriBytes) {
    String method = pseudo.method().toString();
    CharSequence path = pseudo.path();
    String uri = path == null ? "" : path.toString();
    if (uri.length() > maxUriBytes) {
      return new Head(ROOT, tooLong());
    }
    if (!isTarget(uri)) {
      return new Head(ROOT, Problem.badRequest("bad-path", "The path has a space or control."));
    }
    Problem host = host(headers.getAll(HttpHeaderNames.HOST), true);
    if (host != null) {
      return new Head(ROOT, host);
    }
    boolean origin = uri.startsWith("/") || uri.equals("*");
    return origin
        ? target(method, uri, headers)
        : new Head(ROOT, Problem.badRequest("bad-path", "The path has no leading slash."));
  }

  /**
   * Why a head of HTTP/2 is one that no client may send, which ends its stream (RFC 9113 section
   * 8.1.1); null if it is not. What {@link Http2Handler} has refused before is not looked for:
   * upper case, fields of one connection, pseudo-headers that are missing, unknown, twice there or
   * behind others, and lengths that disagree.
   */
  static @Nullable String malformed(Http2Headers head) {
    if (head.contains(Http2Headers.PseudoHeaderName.PROTOCOL.value())) {
      return ":protocol: nothing is agreed on";
    }
    if (HttpHeaderValidationUtil.validateToken(head.method()) >= 0) {
      return ":method: no token";
    }
    CharSequence authority = head.authority();
    CharSequence host = head.get(HttpHeaderNames.HOST);
    if (authority != null
        && host != null
        && !AsciiString.contentEqualsIgnoreCase(authority, host)) {
      return "host: another than :authority";
    }
    return null;
  }

  /** In HTTP/1.1 such a character ends the target, or the line. */
  private static boolean isTarget(String uri) {
    for (int i = 0; i < uri.length(); i++) {
      if (uri.charAt(i) <= ' ' || uri.charAt(i) == 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Problem problem(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return malformed(request.decoderResult().cause());
    }
    if (request.protocolVersion().majorVersion() != 1) {
      return Problem.of(
          505,
          "http-version",
          "HTTP version not supported",
          "This server speaks HTTP/1.1 and 1.0.");
    }
    boolean needed = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    Problem host = host(request.headers().getAll(HttpHeaderNames.HOST), needed);
    return host == null ? codings(request) : host;
  }

  /** An HTTP/1.0 client need not say whom it means, and may send an empty header instead. */
  private static @Nullable Problem host(List<String> hosts, boolean needed) {
    if (hosts.size() > 1 || (hosts.isEmpty() && needed)) {
      return Problem.badRequest("bad-host", "A request must have exactly one Host header.");
    }
    if (hosts.isEmpty() || (hosts.getFirst().isEmpty() && !needed)) {
      return null;
    }
    return Authority.isValid(hosts.getFirst()) ? null : Authority.bad();
  }

  /**
   * Chunks are the only transfer coding here. Of a list that ends in it, or a body of an HTTP/1.0
   * client, two readers find different ends, which is how requests are smuggled (RFC 9112 6.1).
   */
  private static @Nullable Problem codings(HttpRequest request) {
    List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (codings.isEmpty()) {
      return null;
    }
    boolean chunked = codings.size() == 1 && codings.getFirst().strip().equalsIgnoreCase("chunked");
    if (!chunked) {
      return Problem.of(
          501,
          "transfer-coding",
          "Transfer coding not implemented",
          "A body may come in chunks and in no other transfer coding.");
    }
    return request.protocolVersion().equals(HttpVersion.HTTP_1_1)
        ? null
        : Problem.badRequest("bad-request", "HTTP/1.0 has no transfer codings.");
  }

  private static Problem tooLong() {
    return Problem.of(414, "uri-too-long", "URI too long", "The request line is too long.");
  }

  private static Problem malformed(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return tooLong();
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return Problem.of(
          431,
          "headers-too-large",
          "Headers too large",
          "The headers of this request are too large.");
    }
    return Problem.badRequest("bad-request", "This is no well-formed HTTP/1.1 request.");
  }
}
