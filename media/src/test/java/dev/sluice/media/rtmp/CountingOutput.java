package dev.sluice.media.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;

/** An output on an allocator of its own, which shows how much is held. */
final class CountingOutput implements Output {
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  int largest;
  byte[] last = new byte[0];

  @Override
  public void send(ByteBuf bytes) {
    largest = Math.max(largest, bytes.readableBytes());
    last = Wire.bytes(bytes);
    bytes.release();
  }

  @Override
  public ByteBufAllocator allocator() {
    return allocator;
  }

  long heldBytes() {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  void assertEmpty() {
    assertThat(heldBytes()).as("left behind").isZero();
  }
}
