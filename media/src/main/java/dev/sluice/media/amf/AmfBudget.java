package dev.sluice.media.amf;

import dev.sluice.media.amf.AmfException.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Counts what one decode has built and checks lengths against the bytes that are really there. */
final class AmfBudget {
  private final ByteBuf in;
  private final AmfLimits limits;
  private int elements;

  AmfBudget(ByteBuf in, AmfLimits limits) {
    this.in = in;
    this.limits = limits;
  }

  AmfLimits limits() {
    return limits;
  }

  void element(int depth) {
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

  String utf8(int length) {
    require(length);
    return in.readString(length, StandardCharsets.UTF_8);
  }
}
