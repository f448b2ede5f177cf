package dev.sluice.media.vod;

import io.netty.buffer.ByteBuf;

/**
 * One version of a stored file, open for reading.
 *
 * <p>Threading: confined to the loop it was opened on; nothing here waits for a disk or a network.
 */
public interface VodFile {

  /** Takes what was read. */
  interface Reader {
    /**
     * The bytes at the position that was asked for: at least one, perhaps fewer than asked for.
     *
     * @param bytes owned by the receiver
     */
    void bytes(ByteBuf bytes);

    /** They cannot be had. */
    void failed(String why);
  }

  /** Length in bytes. */
  long length();

  /**
   * Reads; one at a time. The answer comes on the loop, at once or later.
   *
   * @param position within the file
   * @param max at least 1; what lies behind the end is left out
   */
  void read(long position, int max, Reader reader);

  /** Ends reading: a read under way fails at once. May be called again. */
  void close();
}
