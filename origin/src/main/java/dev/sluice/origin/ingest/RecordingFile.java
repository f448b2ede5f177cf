package dev.sluice.origin.ingest;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.flv.FlvIndex;
import dev.sluice.origin.flv.FlvScan;
import dev.sluice.origin.flv.RecordingHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One FLV file being recorded: a {@link RecordingHeader} with the facts so far, then tags in order
 * at times that start from 0. It is valid FLV up to its last whole tag at every moment, so what a
 * crash leaves is made whole by {@link #repair}.
 *
 * <p>Threading: one thread, which may block. {@link #close} leaves the draft as a crash would.
 */
final class RecordingFile implements AutoCloseable {
  /** Most that is gathered for one write. */
  static final int BUFFER_BYTES = 64 << 10;

  private static final int FIRST_BUFFER_BYTES = 4 << 10;

  private final KeptDraft draft;
  private final FlvIndex index = new FlvIndex();

  /** Grows as it is needed: there may be thousands of recordings, most of them of low rates. */
  private final ByteBuf buffer = Unpooled.buffer(FIRST_BUFFER_BYTES, BUFFER_BYTES);

  private long position = RecordingHeader.BYTES;
  private long startMs;
  private boolean started;

  private RecordingFile(KeptDraft draft) {
    this.draft = draft;
  }

  /**
   * Begins a file in an empty draft, which it takes ownership of; discards the draft when its first
   * bytes cannot be written.
   */
  static RecordingFile create(KeptDraft draft) throws IOException {
    RecordingFile recording = new RecordingFile(draft);
    try {
      ByteBuf header = Unpooled.buffer(RecordingHeader.BYTES);
      RecordingHeader.write(header, recording.index, 0);
      draft.append(header.nioBuffer());
      return recording;
    } catch (IOException e) {
      draft.discard();
      throw e;
    }
  }

  /** What it is written to. */
  KeptDraft draft() {
    return draft;
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
      draft.append(body);
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
    draft.append(buffer.nioBuffer());
    buffer.clear();
  }

  /** Memory held for what was not written yet. */
  int heldBytes() {
    return buffer.capacity();
  }

  /** Forces what was flushed to the disk. */
  void sync() throws IOException {
    draft.sync();
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
    writeHeader(draft, index, position);
    return true;
  }

  private static void writeHeader(KeptDraft draft, FlvIndex index, long fileBytes)
      throws IOException {
    ByteBuf header = Unpooled.buffer(RecordingHeader.BYTES);
    RecordingHeader.write(header, index, fileBytes);
    draft.writeHead(header.nioBuffer());
  }

  /**
   * Makes a file whole that a crash left: cuts it behind its last whole tag and writes the header.
   *
   * @param draft borrowed
   * @return false when there is nothing worth keeping
   */
  static boolean repair(KeptDraft draft) throws IOException {
    @Nullable FlvIndex index = FlvScan.scan(draft::read, draft.size());
    if (index == null || !index.hasMedia()) {
      return false;
    }
    draft.truncate(index.end());
    writeHeader(draft, index, index.end());
    return true;
  }

  @Override
  public void close() {
    draft.close();
  }
}
