package dev.sluice.chassis.http;

import io.netty.channel.FileRegion;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one version of a file, wherever they are kept. The version stays readable until it
 * is closed, also when another one takes its name meanwhile.
 *
 * <p>Threading: {@link #read} and the check of {@link #version} may block, so they are called on
 * virtual threads, several at a time; {@link #region} and {@link #close} on any thread.
 */
public interface ReadableFile extends Closeable {

  /**
   * Reads at a position.
   *
   * @return number of bytes, at least 1 where the buffer has room; -1 at or behind the end
   * @throws IOException also when the file was closed
   */
  int read(ByteBuffer into, long position) throws IOException;

  /**
   * The same bytes for {@code sendfile}; null when they are in no local file, then they are read.
   * The region leaves the file open, and the caller closes the file after the region has left.
   *
   * @param count above 0
   */
  default @Nullable FileRegion region(long position, long count) {
    return null;
  }

  /** Whether it may be written over in place: {@link VersionCheck#NONE} when it cannot be. */
  default VersionCheck version() {
    return VersionCheck.NONE;
  }

  /** A file of this machine, which takes ownership of the channel. */
  static ReadableFile local(FileChannel channel, VersionCheck version) {
    return new LocalReadableFile(channel, version);
  }
}
