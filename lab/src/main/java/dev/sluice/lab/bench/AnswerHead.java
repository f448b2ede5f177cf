package dev.sluice.lab.bench;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the head of an HTTP answer as it comes.
 *
 * <p>Threading: confined to its viewer's loop.
 */
final class AnswerHead {
  private static final int MAX_HEAD = 16 * 1024;
  private static final String END_OF_HEAD = "\r\n\r\n";

  private final StringBuilder head = new StringBuilder();

  /**
   * Consumes the head, and nothing behind it.
   *
   * @return the whole head, or null while more of it has to come
   * @throws IllegalStateException when it is longer than 16 KiB
   */
  @Nullable String read(ByteBuffer in) {
    while (in.hasRemaining()) {
      head.append((char) in.get());
      if (head.length() > MAX_HEAD) {
        throw new IllegalStateException("response head over 16 KiB");
      }
      if (head.length() >= END_OF_HEAD.length()
          && head.substring(head.length() - END_OF_HEAD.length()).equals(END_OF_HEAD)) {
        return head.toString();
      }
    }
    return null;
  }

  /** The first line of a head. */
  static String status(String head) {
    return head.substring(0, head.indexOf('\r'));
  }
}
