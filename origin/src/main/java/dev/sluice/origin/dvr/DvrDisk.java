package dev.sluice.origin.dvr;

import dev.sluice.chassis.http.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The files that the DVR window needs, by names below one directory.
 *
 * <p>Threading: any thread, which may block.
 */
interface DvrDisk {
  /** A file or directory in a directory; of a directory the size means nothing. */
  record Entry(String name, long bytes, boolean directory) {}

  /** Writes a file, which is there as a whole or not at all; makes its directories. */
  void write(String name, ByteBuffer... bytes) throws IOException;

  /** Opens a file. */
  ReadableFile open(String name) throws IOException;

  /** Bytes of a file. */
  long size(String name) throws IOException;

  /** Reads a small file. */
  byte[] read(String name) throws IOException;

  /** What is in a directory; nothing when there is none. */
  List<Entry> list(String name) throws IOException;

  /** Removes a file, or a directory that is empty; nothing happens when it is not there. */
  void remove(String name) throws IOException;

  /** Whether a fault of writing was for want of room. */
  static boolean isFull(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left") || message.contains("quota exceeded");
  }
}
