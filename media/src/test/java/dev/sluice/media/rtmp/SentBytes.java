package dev.sluice.media.rtmp;

import dev.sluice.media.Wire;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;

/** An output that keeps what was sent. */
final class SentBytes implements Output {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Override
  public void send(ByteBuf sent) {
    bytes.writeBytes(Wire.bytes(sent));
    sent.release();
  }

  /** What was sent since the last call. */
  byte[] take() {
    byte[] taken = bytes.toByteArray();
    bytes.reset();
    return taken;
  }
}
