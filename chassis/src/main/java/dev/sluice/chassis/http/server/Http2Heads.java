package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.HttpNames;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Headers as HTTP/2 writes them and as handlers see them. Any thread. */
final class Http2Heads {
  /** Fields of one connection, which HTTP/2 does not have (RFC 9113 section 8.2.2). */
  private static final Set<String> OF_CONNECTION =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  /** Fields whose values come once: in the table of both ends they would push out the others. */
  private static final Set<String> ONCE =
      Set.of("content-length", "content-range", "etag", "last-modified", "x-request-id");

  private static final int MOST_NAMES = 256;
  private static final Map<String, AsciiString> LOWER = new ConcurrentHashMap<>();

  private Http2Heads() {}

  /** The fields of a request; {@code :authority} becomes {@code Host}. */
  static HttpHeaders ofRequest(Http2Headers head) {
    HttpHeaders headers =
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      if (!Http2Headers.PseudoHeaderName.hasPseudoHeaderFormat(field.getKey())) {
        headers.add(field.getKey(), field.getValue());
      }
    }
    CharSequence authority = head.authority();
    if (authority != null && headers.getAll(HttpHeaderNames.HOST).size() <= 1) {
      headers.set(HttpHeaderNames.HOST, authority);
    }
    return headers;
  }

  /** The head of an answer; {@code Date} is added. */
  static Http2Headers ofAnswer(HttpResponseStatus status, HttpHeaders headers) {
    Http2Headers head = new DefaultHttp2Headers(false, headers.size() + 2);
    head.status(status.codeAsText());
    Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = all.next();
      AsciiString name = lower(field.getKey());
      if (!OF_CONNECTION.contains(name.toString())) {
        head.add(name, field.getValue());
      }
    }
    head.set(lower(HttpNames.DATE), ResponseHead.date());
    return head;
  }

  /** Whether a field of an answer is to be left out of the table of fields. */
  static boolean isOnce(CharSequence name, CharSequence value) {
    return ONCE.contains(name.toString());
  }

  private static AsciiString lower(CharSequence name) {
    String text = name.toString();
    AsciiString known = LOWER.get(text);
    if (known != null) {
      return known;
    }
    AsciiString lower = AsciiString.cached(AsciiString.of(text).toLowerCase().toString());
    if (LOWER.size() < MOST_NAMES) {
      LOWER.put(text, lower);
    }
    return lower;
  }
}
