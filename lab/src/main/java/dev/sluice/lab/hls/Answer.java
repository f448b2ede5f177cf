package dev.sluice.lab.hls;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 answer as it comes, with a length or in chunks. Keeps the body only where it is told
 * to.
 *
 * <p>Threading: confined to its player.
 */
final class Answer {
  private static final int MAX_HEAD = 16 << 10;
  private static final int MAX_KEPT = 8 << 20;
  private static final byte[] NOTHING = {};

  private final StringBuilder line = new StringBuilder();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean keeps;
  private boolean inHead;
  private boolean chunked;
  private boolean sizeLine;
  private int headBytes;
  private int status;
  private long left;
  private long bodyBytes;

  /** The next answer begins. */
  void expect(boolean keepBody) {
    keeps = keepBody;
    kept.reset();
    line.setLength(0);
    inHead = true;
    chunked = false;
    sizeLine = false;
    bodyBytes = 0;
    headBytes = 0;
    status = 0;
    left = 0;
  }

  /**
   * Takes bytes in.
   *
   * @return whether the answer is whole
   * @throws IllegalArgumentException for what is no answer
   */
  boolean take(ByteBuf in) {
    while (in.isReadable()) {
      if (inHead || sizeLine) {
        String whole = readLine(in);
        if (whole == null) {
          return false;
        }
        if (inHead ? headLine(whole) : chunkSize(whole)) {
          return true;
        }
      } else {
        int some = (int) Math.min(left, in.readableBytes());
        body(in, some);
        left -= some;
        if (left == 0) {
          if (!chunked) {
            return true;
          }
          sizeLine = true;
        }
      }
    }
    return false;
  }

  private @Nullable String readLine(ByteBuf in) {
    while (in.isReadable()) {
      char c = (char) (in.readByte() & 0xFF);
      if (++headBytes > MAX_HEAD) {
        throw new IllegalArgumentException("answer's head: over 16 KiB");
      }
      if (c == '\n') {
        String whole = line.toString();
        line.setLength(0);
        return whole;
      }
      if (c != '\r') {
        line.append(c);
      }
    }
    return null;
  }

  private boolean headLine(String whole) {
    if (status == 0) {
      if (whole.isEmpty()) {
        return false; // behind the last chunk of the answer before
      }
      if (!whole.startsWith("HTTP/1.1 ") || whole.length() < 12) {
        throw new IllegalArgumentException("no HTTP/1.1 answer: " + whole);
      }
      status = Integer.parseInt(whole, 9, 12, 10);
      return false;
    }
    if (!whole.isEmpty()) {
      header(whole.toLowerCase(Locale.ROOT));
      return false;
    }
    inHead = false;
    headBytes = 0;
    sizeLine = chunked;
    return !chunked && left == 0;
  }

  private void header(String lower) {
    if (lower.startsWith("content-length:")) {
      left = Long.parseLong(lower.substring(15).strip());
    } else if (lower.startsWith("transfer-encoding:")) {
      chunked = lower.contains("chunked");
    }
  }

  private boolean chunkSize(String whole) {
    headBytes = 0;
    if (whole.isEmpty()) {
      return false; // behind a chunk
    }
    left = Long.parseLong(whole.split(";")[0].strip(), 16);
    sizeLine = left == 0;
    return left == 0;
  }

  private void body(ByteBuf in, int bytes) {
    bodyBytes += bytes;
    if (keeps) {
      if (kept.size() + bytes > MAX_KEPT) {
        throw new IllegalArgumentException("playlist: over 8 MiB");
      }
      byte[] some = new byte[bytes];
      in.readBytes(some);
      kept.writeBytes(some);
    } else {
      in.skipBytes(bytes);
    }
  }

  int status() {
    return status;
  }

  long bodyBytes() {
    return bodyBytes;
  }

  byte[] body() {
    return kept.size() == 0 ? NOTHING : kept.toByteArray();
  }

  @Override
  public String toString() {
    return status + " " + kept.toString(StandardCharsets.UTF_8);
  }
}
