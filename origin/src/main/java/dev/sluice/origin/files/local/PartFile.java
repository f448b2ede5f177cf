package dev.sluice.origin.files.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file being written under a private name. One thread. */
interface PartFile extends AutoCloseable {
  /** Writes all that remains in the buffer. */
  void write(ByteBuffer bytes) throws IOException;

  /** Returns once the content is on the disk. */
  void sync() throws IOException;

  @Override
  void close() throws IOException;

  /** Makes part files: the disk, or in tests a disk that fills up. */
  @FunctionalInterface
  interface Opener {
    PartFile open(Path file) throws IOException;
  }

  /** A new file on the disk. */
  static PartFile create(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new PartFile() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }

      @Override
      public void sync() throws IOException {
        channel.force(true);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
