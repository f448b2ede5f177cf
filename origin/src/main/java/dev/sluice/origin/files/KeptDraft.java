package dev.sluice.origin.files;

import java.nio.ByteBuffer;

/**
 * A draft that is written for hours and outlives the process, so that what a crash left can be made
 * whole and published: {@link FileStore#keptDrafts} finds it again under its name.
 *
 * <p>A crash may cost what was appended since the last {@link #sync}, at the end or as zeros; what
 * was synced is still there.
 */
public interface KeptDraft extends FileDraft {
  /** Most bytes at the start that can be written anew. */
  int HEAD_BYTES = 64 << 10;

  /** Bytes there are. */
  long size() throws StoreException;

  /**
   * Writes the first bytes anew, from 0 on; the size stays.
   *
   * @param bytes all that remains, no more than {@link #HEAD_BYTES} and {@link #size}
   */
  void writeHead(ByteBuffer bytes) throws StoreException;

  /** Returns once what was appended outlives a power cut. */
  void sync() throws StoreException;

  /**
   * Reads at a position.
   *
   * @return number of bytes; -1 at or behind the end
   */
  int read(ByteBuffer into, long position) throws StoreException;

  /** Cuts the end off; appending goes on there. */
  void truncate(long size) throws StoreException;

  /** Removes it. Ends the draft. */
  void discard();

  /** Lets go of it as a crash would: it is kept, and can be opened again. May be called again. */
  @Override
  void close();
}
