package dev.sluice.origin.files;

import java.io.Closeable;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A version in the making: bytes are appended, then it becomes visible as a whole in one step, or
 * never. Nobody else sees it before.
 *
 * <p>Threading: one thread at a time, which may block.
 */
public interface FileDraft extends Closeable {
  /** The name it is published under. */
  FilePath path();

  /**
   * Appends all that remains in the buffer. Nothing more can be appended after a fault.
   *
   * @throws StoreException when it is more than the store takes, or cannot be written
   */
  void append(ByteBuffer bytes) throws StoreException;

  /**
   * Makes the version visible and durable, in the place of an older one if there is one: when this
   * returns it outlives a power cut. The condition the draft was begun with is looked at again in
   * the same step, so of two writers who both name the older version one is refused. Ends the
   * draft.
   *
   * @param sha256 hash of all that was appended, lower-case hexadecimal; null when the writer does
   *     not know it, then the store reads the content once more
   * @throws StoreException when nothing has changed
   */
  PutResult.Stored publish(@Nullable String sha256) throws StoreException;

  /** Lets go of it: what was not published is removed. May be called again. */
  @Override
  void close();
}
