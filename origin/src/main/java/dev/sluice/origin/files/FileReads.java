package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.media.vod.FileProbe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads of a file that must be as long as it was said to be. They block. */
final class FileReads {
  private FileReads() {}

  /** Gives a probe what it wants until it is done. */
  static void run(ReadableFile file, FileProbe probe) throws IOException {
    while (!probe.done()) {
      ByteBuffer part = ByteBuffer.allocate(probe.bytes());
      while (part.hasRemaining() && file.read(part, probe.position() + part.position()) > 0) {}
      ByteBuf seen = Unpooled.wrappedBuffer(part.flip());
      if (!seen.isReadable()) {
        throw new IOException("file is shorter than it was");
      }
      probe.look(seen);
    }
  }

  /** All bytes of a stretch. */
  static byte[] read(ReadableFile file, long from, int bytes) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(bytes);
    while (part.hasRemaining()) {
      if (file.read(part, from + part.position()) <= 0) {
        throw new IOException("file is shorter than it was");
      }
    }
    return part.array();
  }
}
