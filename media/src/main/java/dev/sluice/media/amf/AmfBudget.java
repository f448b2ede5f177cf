package dev.sluice.media.amf;

import dev.sluice.media.amf.AmfException.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Counts what one decode has built and checks lengths against the bytes that are really there. */
final class AmfBudget {
  private static final int MAX_REPEATED_CHARS = 64 << 10;

  private final ByteBuf in;
  private final AmfLimits limits;
  private int elements;
  private int repeatedChars;

  /** A budget of which nothing is spent. */
  AmfBudget(ByteBuf in, AmfLimits limits) {
    this.in = in;
    this.limits = limits;
  }

  /** Counts a value at this depth, and refuses it when it is too deep or one too many. */
  void countElement(int depth) {
    if (depth > limits.maxDepth()) {
      throw new AmfException(
          Reason.TOO_DEEP, "depth: " + depth + " (expected: 0.." + limits.maxDepth() + ")");
    }
    if (++elements > limits.maxElements()) {
      throw new AmfException(
          Reason.TOO_MANY_ELEMENTS,
          "elements: " + elements + " (expected: at most " + limits.maxElements() + ")");
    }
  }

  /**
   * Requires that {@code length} more bytes are there; negative means an unsigned value too large.
   */
  void require(int length) {
    if (length < 0 || in.readableBytes() < length) {
      throw new AmfException(
          Reason.TRUNCATED,
          "length: "
              + Integer.toUnsignedString(length)
              + " (expected: at most "
              + in.readableBytes()
              + " left)");
    }
  }

  /** Counts text that stands here by reference: a small message must not mean a huge one. */
  void countRepeated(String text) {
    repeatedChars += text.length();
    if (repeatedChars > MAX_REPEATED_CHARS) {
      throw new AmfException(
          Reason.TOO_MANY_ELEMENTS,
          "text by reference: "
              + repeatedChars
              + " (expected: at most "
              + MAX_REPEATED_CHARS
              + ")");
    }
  }

  /** Reads text of this many bytes. */
  String readUtf8(int length) {
    require(length);
    return in.readString(length, StandardCharsets.UTF_8);
  }
}
