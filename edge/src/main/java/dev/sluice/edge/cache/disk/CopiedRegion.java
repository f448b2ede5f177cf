package dev.sluice.edge.cache.disk;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Part of a slot that is sent as a copy: for file systems where a slot cannot get new pages, so
 * that {@code sendfile} would send what is written there next.
 *
 * <p>Threading: confined to the loop that sends it. Owns the slot's pin.
 */
public final class CopiedRegion extends AbstractReferenceCounted implements FileRegion {
  private static final int COPY_BYTES = 64 * 1024;

  private final FileChannel file;
  private final long from;
  private final int count;
  private final Slot slot;
  private long transferred;

  public CopiedRegion(FileChannel file, long from, int count, Slot slot) {
    this.file = file;
    this.from = from;
    this.count = count;
    this.slot = slot;
  }

  @Override
  public long position() {
    return from;
  }

  @Override
  public long transferred() {
    return transferred;
  }

  @Deprecated
  @Override
  public long transfered() {
    return transferred;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public long transferTo(WritableByteChannel target, long at) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(count - at, COPY_BYTES));
    if (bytes.hasRemaining() && file.read(bytes, from + at) <= 0) {
      throw new EOFException("slot " + slot.index() + " ends before byte " + at);
    }
    int written = target.write(bytes.flip());
    transferred += written;
    return written;
  }

  @Override
  protected void deallocate() {
    slot.unpin();
  }

  @Override
  public FileRegion retain() {
    super.retain();
    return this;
  }

  @Override
  public FileRegion retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public FileRegion touch() {
    return this;
  }

  @Override
  public FileRegion touch(Object hint) {
    return this;
  }
}
