package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.Authority;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.RequestTarget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a head must be before anyone looks at it. Of a target that is a whole URL the host counts,
 * and stands in {@code Host} afterwards (RFC 9112 section 3.2.2). Pure but for that.
 */
final class RequestCheck {
  private RequestCheck() {}

  /**
   * A head that was read.
   *
   * @param target the root when it cannot be told
   */
  record Head(RequestTarget target, @Nullable Problem problem) {}

  static Head read(HttpRequest request) {
    RequestTarget root = new RequestTarget("/", "/", "", "");
    Problem problem = problem(request);
    if (problem != null) {
      return new Head(root, problem);
    }
    try {
      RequestTarget target = RequestTarget.parse(request.method().name(), request.uri());
      if (!target.authority().isEmpty()) {
        request.headers().set(HttpHeaderNames.HOST, target.authority());
      }
      return new Head(target, null);
    } catch (ProblemException e) {
      return new Head(root, e.problem());
    }
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
    Problem host = host(request);
    return host == null ? codings(request) : host;
  }

  /** An HTTP/1.0 client need not say whom it means, and may send an empty header instead. */
  private static @Nullable Problem host(HttpRequest request) {
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    boolean needed = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
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

  private static Problem malformed(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return Problem.of(414, "uri-too-long", "URI too long", "The request line is too long.");
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
