package dev.sluice.chassis.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a head must be before anyone looks at it. Pure. */
final class RequestCheck {
  private RequestCheck() {}

  /**
   * A head that was read.
   *
   * @param target the root when it cannot be told
   */
  record Head(RequestTarget target, @Nullable Problem problem) {}

  static Head read(HttpRequest request) {
    RequestTarget root = new RequestTarget("/", "/", "");
    Problem problem = problem(request);
    if (problem != null) {
      return new Head(root, problem);
    }
    try {
      return new Head(RequestTarget.parse(request.method().name(), request.uri()), null);
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
    int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
    if (hosts > 1 || (hosts == 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
      return Problem.badRequest("bad-host", "A request must have exactly one Host header.");
    }
    return codings(request);
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
