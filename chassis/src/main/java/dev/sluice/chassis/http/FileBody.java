package dev.sluice.chassis.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends parts of one open file, then closes it: by {@code sendfile} where the file is a local one,
 * else piece by piece as they are read aside. Where the file may be changed in place, the last
 * bytes are read aside and held back until it is known that it was not: an answer that may be of
 * two versions is cut short, which every client sees.
 *
 * <p>Threading: confined to the connection's loop; reads and checks aside on virtual threads.
 */
final class FileBody {
  private static final Logger log = LoggerFactory.getLogger(FileBody.class);

  /** Regions no longer than this, so that progress is counted while a long answer runs. */
  private static final long REGION_BYTES = 16L * 1024 * 1024;

  /** What is held back at the end. */
  private static final int TAIL_BYTES = 16 * 1024;

  /** Read at once of a file that is not local: what a slow client costs in memory. */
  private static final int PIECE_BYTES = 128 * 1024;

  private final ResponseStream stream;
  private final ReadableFile file;
  private final List<BodyPart> parts;
  private final int lastRange;
  private int next;
  private long position;
  private long end;
  private boolean reading;
  private boolean finished;

  @SuppressWarnings("ReferenceEquality") // NONE is one object
  FileBody(ResponseStream stream, ReadableFile file, List<BodyPart> parts) {
    this.stream = stream;
    this.file = file;
    this.parts = parts;
    this.lastRange = file.version() == VersionCheck.NONE ? Integer.MAX_VALUE : lastRange(parts);
  }

  /** How many parts have begun when the last range has. */
  private static int lastRange(List<BodyPart> parts) {
    int count = parts.size();
    while (count > 0 && parts.get(count - 1).range() == null) {
      count--;
    }
    return count;
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
    while (!reading && stream.isWritable()) {
      if (position < end) {
        long left = end - position;
        boolean last = next >= lastRange;
        if (last && left <= TAIL_BYTES) {
          readAside((int) left, true);
          return;
        }
        long count = Math.min(REGION_BYTES, last ? left - TAIL_BYTES : left);
        FileRegion region = file.region(position, count);
        if (region == null) {
          readAside((int) Math.min(PIECE_BYTES, count), false);
          return;
        }
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

  private void readAside(int count, boolean tail) {
    reading = true;
    long from = position;
    Thread.ofVirtual()
        .start(
            () -> {
              byte[] piece = read(from, count, tail);
              try {
                stream.loop().execute(() -> send(piece, tail));
              } catch (RejectedExecutionException e) {
                close(file); // the loops are shut down, and the connection with them
              }
            });
  }

  /** The bytes, read before the check so that it covers them; empty when they must not leave. */
  private byte[] read(long from, int count, boolean tail) {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    try {
      while (bytes.hasRemaining()) {
        if (file.read(bytes, from + bytes.position()) < 0) {
          return new byte[0];
        }
      }
      return !tail || file.version().unchanged() ? bytes.array() : new byte[0];
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private void send(byte[] piece, boolean tail) {
    reading = false;
    if (finished) {
      return; // the client has gone
    }
    if (piece.length == 0) {
      stream.abort(tail ? "file-changed" : "file-read");
      finish();
      return;
    }
    position += piece.length;
    stream.write(Unpooled.wrappedBuffer(piece));
    pump();
  }

  private void finish() {
    if (!finished) {
      finished = true;
      close(file);
    }
  }

  static void close(ReadableFile file) {
    try {
      file.close();
    } catch (IOException e) {
      log.warn("closing a file failed: {}", e.toString());
    }
  }
}
