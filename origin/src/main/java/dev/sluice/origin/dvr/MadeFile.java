package dev.sluice.origin.dvr;

import dev.sluice.chassis.http.ReadableFile;
import java.nio.ByteBuffer;

/** Made bytes as a file, so that conditions and ranges hold for them too. */
final class MadeFile implements ReadableFile {
  private final byte[] bytes;

  /** Takes over the bytes. */
  MadeFile(byte[] bytes) {
    this.bytes = bytes;
  }

  int size() {
    return bytes.length;
  }

  @Override
  public int read(ByteBuffer into, long position) {
    if (position >= bytes.length) {
      return -1;
    }
    int some = (int) Math.min(into.remaining(), bytes.length - position);
    into.put(bytes, (int) position, some);
    return some;
  }

  @Override
  public void close() {}
}
