package dev.sluice.chassis.http;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Consumer;

/** Collects a request's body up to a limit. Confined to the exchange's loop. */
final class WholeBody implements BodySink {
  private final int max;
  private final Consumer<Problem> refuse;
  private final Consumer<byte[]> whole;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private boolean refused;

  /**
   * Collects what comes.
   *
   * @param max bytes
   * @param refuse told once if there are more, with 413; nothing of the body is kept then
   */
  WholeBody(int max, Consumer<Problem> refuse, Consumer<byte[]> whole) {
    this.max = max;
    this.refuse = refuse;
    this.whole = whole;
  }

  @Override
  public void data(ByteBuf borrowed) throws IOException {
    if (refused) {
      return;
    }
    if (bytes.size() + borrowed.readableBytes() > max) {
      refused = true;
      bytes.reset();
      refuse.accept(
          Problem.of(
              413,
              "body-too-large",
              "Body too large",
              "The body of this request may have at most " + max + " bytes."));
      return;
    }
    borrowed.getBytes(borrowed.readerIndex(), bytes, borrowed.readableBytes());
  }

  @Override
  public void end() {
    if (!refused) {
      whole.accept(bytes.toByteArray());
    }
  }

  @Override
  public void abort(Throwable cause) {
    bytes.reset();
  }
}
