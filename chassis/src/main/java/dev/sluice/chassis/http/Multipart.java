package dev.sluice.chassis.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Framing of {@code multipart/byteranges} (RFC 9110 section 14.6). Pure but for its boundary. */
public final class Multipart {
  private final String boundary = Long.toHexString(ThreadLocalRandom.current().nextLong());
  private final List<BodyPart> parts = new ArrayList<>();
  private final long length;

  /** Frames ranges of a representation of {@code total} bytes. */
  public Multipart(List<HttpRange> ranges, String contentType, long total) {
    long sum = 0;
    for (HttpRange range : ranges) {
      String head =
          (parts.isEmpty() ? "" : "\r\n")
              + "--"
              + boundary
              + "\r\nContent-Type: "
              + contentType
              + "\r\nContent-Range: "
              + range.contentRange(total)
              + "\r\n\r\n";
      add(head, range);
      sum += head.length() + range.length();
    }
    String end = "\r\n--" + boundary + "--\r\n";
    add(end, null);
    this.length = sum + end.length();
  }

  private void add(String head, @Nullable HttpRange range) {
    parts.add(new BodyPart(head.getBytes(StandardCharsets.US_ASCII), range));
  }

  /** Bytes of the whole body. */
  public long length() {
    return length;
  }

  /** With the boundary. */
  public String contentType() {
    return "multipart/byteranges; boundary=" + boundary;
  }

  /** Heads and ranges in turn; the last has no range. */
  public List<BodyPart> parts() {
    return List.copyOf(parts);
  }
}
