package dev.sluice.origin.ingest;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.origin.flv.FlvIndex;
import dev.sluice.origin.flv.FlvScan;
import dev.sluice.origin.flv.RecordingHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One FLV file being recorded: a {@link RecordingHeader} with the facts so far, then tags in order
 * at times that start from 0. It is valid FLV up to its last whole tag at every moment, so what a
 * crash leaves is made whole by {@link #repair}.
 *
 * <p>Threading: one thread, which may block. {@link #close} without {@link #finish} leaves the file
 * as a crash would.
 */
final class RecordingFile implements AutoCloseable {
  /** Most that is gathered for one write. */
  static final int BUFFER_BYTES = 64 << 10;

  private static final int FIRST_BUFFER_BYTES = 4 << 10;

  private final FileChannel channel;
  private final FlvIndex index = new FlvIndex();

  /** Grows as it is needed: there may be thousands of recordings, most of them of low rates. */
  private final ByteBuf buffer = Unpooled.buffer(FIRST_BUFFER_BYTES, BUFFER_BYTES);

  private long position = RecordingHeader.BYTES;
  private long startMs;
  private boolean started;

  /** Makes a file to write to: on the disk, or in tests on one that fills up. */
  @FunctionalInterface
  interface Opener {
    /** The disk. */
    Opener DISK =
        file -> FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    /** A new file; one of that name must not be there. */
    FileChannel open(Path file) throws IOException;
  }

  private RecordingFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Makes a new file; leaves none when its first bytes cannot be written. */
  static RecordingFile create(Path file, Opener opener) throws IOException {
    FileChannel channel = opener.open(file);
    RecordingFile recording = new RecordingFile(channel);
    try {
      ByteBuf header = Unpooled.buffer(RecordingHeader.BYTES);
      RecordingHeader.write(header, recording.index, 0);
      recording.write(header.nioBuffer());
      return recording;
    } catch (IOException e) {
      channel.close();
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /**
   * Adds a tag at its stream time; the first tag that is no header is at 0. Another onMetaData is
   * left out, as the header has what is needed of it.
   *
   * @param tag borrowed
   */
  void add(FlvTag tag) throws IOException {
    if (tag.script() && ScriptData.isMetadata(tag.payload())) {
      index.noteMetadata(tag);
      return;
    }
    if (!started && !SequenceHeaders.isHeader(tag) && !tag.script()) {
      started = true;
      startMs = tag.timestampMs();
    }
    long timeMs = started ? Math.max(0, tag.timestampMs() - startMs) : 0;
    int bytes = FlvFormat.tagBytes(tag);
    if (buffer.readableBytes() + bytes > BUFFER_BYTES) {
      flush();
    }
    if (bytes > BUFFER_BYTES) {
      writePast(tag, timeMs);
    } else {
      FlvFormat.writeTag(buffer, tag, timeMs);
    }
    FlvTag moved = tag.at(timeMs);
    index.add(moved, tag.payloadBytes(), position);
    moved.release();
    position += bytes;
  }

  /** A tag that is longer than the buffer goes to the file at once, but for its last four bytes. */
  private void writePast(FlvTag tag, long timeMs) throws IOException {
    FlvFormat.writeTagHeader(buffer, tag.type(), tag.payloadBytes(), timeMs);
    flush();
    for (ByteBuffer body : tag.payload().nioBuffers()) {
      write(body);
    }
    buffer.writeInt(FlvFormat.tagBytes(tag) - Integer.BYTES);
  }

  /** Media time recorded. */
  long durationMs() {
    return index.durationMs();
  }

  /** Length of the file once all is written. */
  long bytes() {
    return position;
  }

  /** Hands what was added to the system. */
  void flush() throws IOException {
    write(buffer.nioBuffer());
    buffer.clear();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Memory held for what was not written yet. */
  int heldBytes() {
    return buffer.capacity();
  }

  /** Forces what was flushed to the disk. */
  void sync() throws IOException {
    channel.force(false);
  }

  /**
   * Writes the final header.
   *
   * @return false when there is nothing worth keeping
   */
  boolean finish() throws IOException {
    flush();
    if (!index.hasMedia()) {
      return false;
    }
    writeHeader(channel, index, position);
    return true;
  }

  private static void writeHeader(FileChannel channel, FlvIndex index, long fileBytes)
      throws IOException {
    ByteBuf header = Unpooled.buffer(RecordingHeader.BYTES);
    RecordingHeader.write(header, index, fileBytes);
    ByteBuffer bytes = header.nioBuffer();
    for (long at = 0; bytes.hasRemaining(); ) {
      at += channel.write(bytes, at);
    }
    channel.force(true);
  }

  /**
   * Makes a file whole that a crash left: cuts it behind its last whole tag and writes the header.
   *
   * @return false when there is nothing worth keeping
   */
  static boolean repair(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      @Nullable FlvIndex index = FlvScan.scan(channel::read, channel.size());
      if (index == null || !index.hasMedia()) {
        return false;
      }
      channel.truncate(index.end());
      writeHeader(channel, index, index.end());
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
