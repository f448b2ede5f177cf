package dev.sluice.origin.files;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Where the bytes of an upload come from. Read by one thread, which may block. */
@FunctionalInterface
public interface BodySource {
  /**
   * The next bytes, which the caller releases; null at the end of a whole body.
   *
   * @throws UploadBroken when the client left before the end
   */
  @Nullable ByteBuf next() throws UploadBroken, InterruptedException;
}
