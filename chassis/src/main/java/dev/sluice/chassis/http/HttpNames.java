package dev.sluice.chassis.http;

import io.netty.util.AsciiString;

/** Header names and values that are written often, as bytes. */
public final class HttpNames {
  static final AsciiString ALLOW_ORIGIN = AsciiString.cached("Access-Control-Allow-Origin");
  static final AsciiString EXPOSE_HEADERS = AsciiString.cached("Access-Control-Expose-Headers");
  static final AsciiString EXPOSED =
      AsciiString.cached(
          "Accept-Ranges, Cache-Status, Content-Length, Content-Range, ETag, Location,"
              + " Retry-After, X-Request-Id");
  static final AsciiString ANY = AsciiString.cached("*");
  static final AsciiString CACHE_CONTROL = AsciiString.cached("Cache-Control");
  static final AsciiString NO_STORE = AsciiString.cached("no-store");
  public static final AsciiString CLOSE = AsciiString.cached("close");
  public static final AsciiString CONNECTION = AsciiString.cached("Connection");
  public static final AsciiString CONTENT_LENGTH = AsciiString.cached("Content-Length");
  static final AsciiString CONTENT_TYPE = AsciiString.cached("Content-Type");
  public static final AsciiString DATE = AsciiString.cached("Date");
  public static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
  public static final AsciiString REQUEST_ID = AsciiString.cached("X-Request-Id");
  public static final AsciiString TRANSFER_ENCODING = AsciiString.cached("Transfer-Encoding");
  public static final AsciiString CHUNKED = AsciiString.cached("chunked");
  static final AsciiString PROBLEM_JSON = AsciiString.cached("application/problem+json");

  private HttpNames() {}
}
