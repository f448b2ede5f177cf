package dev.sluice.chassis.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends parts of one open file, then closes it. Confined to the connection's loop. */
final class FileBody {
  private static final Logger log = LoggerFactory.getLogger(FileBody.class);

  /** Regions no longer than this, so that progress is counted while a long answer runs. */
  private static final long REGION_BYTES = 16L * 1024 * 1024;

  private final ResponseStream stream;
  private final FileChannel file;
  private final List<BodyPart> parts;
  private int next;
  private long position;
  private long end;
  private boolean finished;

  FileBody(ResponseStream stream, FileChannel file, List<BodyPart> parts) {
    this.stream = stream;
    this.file = file;
    this.parts = parts;
  }

  void start() {
    stream.onWritable(this::pump);
    stream.onClosed(this::finish);
    pump();
    if (!stream.isOpen()) {
      finish();
    }
  }

  private void pump() {
    while (stream.isWritable()) {
      if (position < end) {
        long count = Math.min(REGION_BYTES, end - position);
        Region region = new Region(file, position, count);
        position += count;
        stream.write(region);
      } else if (next < parts.size()) {
        BodyPart part = parts.get(next++);
        if (part.head().length > 0) {
          stream.write(Unpooled.wrappedBuffer(part.head()));
        }
        HttpRange range = part.range();
        if (range != null) {
          position = range.first();
          end = range.last() + 1;
        }
      } else {
        stream.end();
        finish();
      }
    }
  }

  private void finish() {
    if (!finished) {
      finished = true;
      close(file);
    }
  }

  static void close(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      log.warn("closing a file failed: {}", e.toString());
    }
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
