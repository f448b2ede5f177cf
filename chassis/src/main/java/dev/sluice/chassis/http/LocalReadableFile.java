package dev.sluice.chassis.http;

import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file of this machine: it can leave by {@code sendfile}. Owns the channel. */
record LocalReadableFile(FileChannel channel, VersionCheck version) implements ReadableFile {

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    return channel.read(into, position);
  }

  @Override
  public FileRegion region(long position, long count) {
    return new Region(channel, position, count);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** A region that leaves the file open for the next one. */
  private static final class Region extends DefaultFileRegion {
    Region(FileChannel file, long position, long count) {
      super(file, position, count);
    }

    @Override
    protected void deallocate() {}
  }
}
