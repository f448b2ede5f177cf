package dev.sluice.origin.files;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The name of a stored file: segments joined by {@code /}, such as {@code films/one.flv}. A value
 * of this type is safe to resolve below a directory.
 *
 * @param value 1 to 1024 bytes of UTF-8, at most 16 segments of 1 to 200 bytes, none hidden
 */
public record FilePath(String value) implements Comparable<FilePath> {
  /** Longest whole path, in bytes of UTF-8. */
  public static final int MAX_BYTES = 1024;

  /** Longest segment, in bytes of UTF-8: below the 255 of file systems, which leaves a suffix. */
  public static final int MAX_SEGMENT_BYTES = 200;

  /** Most segments. */
  public static final int MAX_DEPTH = 16;

  /** Throws {@link IllegalArgumentException} with the sentence of {@link #fault(String)}. */
  public FilePath {
    String fault = fault(value);
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
  }

  /** What is wrong with a path, as a sentence for the client; null when nothing is. */
  public static @Nullable String fault(String path) {
    if (path.isEmpty()) {
      return "path: empty (expected: a file name)";
    }
    if (path.length() > MAX_BYTES || utf8Bytes(path) > MAX_BYTES) {
      return "path: too long (expected: at most " + MAX_BYTES + " bytes)";
    }
    String[] segments = path.split("/", -1);
    if (segments.length > MAX_DEPTH) {
      return "path: " + segments.length + " segments (expected: at most " + MAX_DEPTH + ")";
    }
    for (String segment : segments) {
      String fault = segmentFault(segment);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  private static @Nullable String segmentFault(String segment) {
    if (segment.isEmpty()) {
      return "path: empty segment (expected: names between single slashes)";
    }
    if (segment.charAt(0) == '.') {
      return "path: hidden name or '..' (expected: segments that do not begin with a dot)";
    }
    if (utf8Bytes(segment) > MAX_SEGMENT_BYTES) {
      return "path: segment too long (expected: at most " + MAX_SEGMENT_BYTES + " bytes)";
    }
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c < 0x20 || c == 0x7f || c == '\\') {
        return "path: control character or backslash (expected: printable characters)";
      }
    }
    boolean unicode = StandardCharsets.UTF_8.newEncoder().canEncode(segment);
    return unicode ? null : "path: half a surrogate pair (expected: valid Unicode)";
  }

  private static int utf8Bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Override
  public int compareTo(FilePath other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
