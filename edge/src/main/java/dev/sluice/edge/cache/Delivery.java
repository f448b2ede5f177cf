package dev.sluice.edge.cache;

import dev.sluice.chassis.http.BodyPart;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.Multipart;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status, head and parts of an answer with a body. Pure.
 *
 * @param contentRange null = none
 * @param length bytes of the body
 */
record Delivery(
    int status,
    String contentType,
    @Nullable String contentRange,
    long length,
    List<BodyPart> parts) {

  /** All of a file that is not empty. */
  static Delivery whole(CachedObject object) {
    HttpRange all = new HttpRange(0, object.length() - 1);
    return new Delivery(
        200, object.contentType(), null, object.length(), List.of(BodyPart.of(all)));
  }

  /** Ranges of a file, several of them as a multipart body. */
  static Delivery of(CachedObject object, List<HttpRange> ranges) {
    if (ranges.size() == 1) {
      HttpRange range = ranges.getFirst();
      return new Delivery(
          206,
          object.contentType(),
          range.contentRange(object.length()),
          range.length(),
          List.of(BodyPart.of(range)));
    }
    Multipart multipart = new Multipart(ranges, object.contentType(), object.length());
    return new Delivery(206, multipart.contentType(), null, multipart.length(), multipart.parts());
  }

  /** Writes what it says of the body, but for the length. */
  void describe(HttpHeaders headers) {
    headers.set("Content-Type", contentType);
    if (contentRange != null) {
      headers.set("Content-Range", contentRange);
    }
  }
}
