package dev.sluice.media.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Where a session's own bytes go: handshake, control messages, commands, published media. */
@FunctionalInterface
public interface Output {
  /** Sends bytes to the peer, in order. Takes ownership of {@code bytes}. */
  void send(ByteBuf bytes);

  /** Where a session takes its buffers from. */
  default ByteBufAllocator allocator() {
    return ByteBufAllocator.DEFAULT;
  }
}
