package dev.sluice.chassis.http;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * An error answer as {@code application/problem+json} (RFC 9457).
 *
 * @param status 400 to 599
 * @param type stable slug for scripts, for example {@code no-edge-available}
 * @param title the kind of error in a few words, the same each time
 * @param detail one sentence for a human about this occurrence; what to do about it where known
 * @param headers further response headers, for example {@code Retry-After}
 */
public record Problem(
    int status, String type, String title, String detail, Map<String, String> headers) {
  /** Prefix that makes the slug a URI. */
  public static final String TYPE_PREFIX = "https://sluice.dev/problems/";

  private static final JsonMapper JSON = JsonMapper.shared();

  public Problem {
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status: " + status + " (expected: 400..599)");
    }
    headers = Map.copyOf(headers);
  }

  /** A problem without further headers. */
  public static Problem of(int status, String type, String title, String detail) {
    return new Problem(status, type, title, detail, Map.of());
  }

  public static Problem badRequest(String type, String detail) {
    return of(400, type, "Bad request", detail);
  }

  public static Problem internal() {
    return of(
        500, "internal", "Internal error", "This is a fault of the server; its log has more.");
  }

  public static Problem noAnswer() {
    return of(503, "no-answer", "No answer", "This server found no answer in time.");
  }

  /** 404 with the standard wording. */
  public static Problem notFound(String detail) {
    return of(404, "not-found", "Not found", detail);
  }

  /** The same with one more response header. */
  public Problem with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Problem(status, type, title, detail, more);
  }

  /** The JSON body, UTF-8. */
  public byte[] toJson(String requestId) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("type", TYPE_PREFIX + type);
    fields.put("title", title);
    fields.put("status", status);
    fields.put("detail", detail);
    fields.put("requestId", requestId);
    return JSON.writeValueAsBytes(fields);
  }
}
