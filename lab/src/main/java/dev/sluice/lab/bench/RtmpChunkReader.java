package dev.sluice.lab.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads RTMP chunks (RTMP 1.0 section 5.3.1) and hands out the head of each message.
 *
 * <p>Payloads are skipped, not copied, but for the first bytes of media and the whole of short
 * control and command messages. Set Chunk Size is obeyed here.
 *
 * <p>Threading: confined to its viewer's loop.
 */
final class RtmpChunkReader {
  private static final int SET_CHUNK_SIZE = 1;
  private static final int MAX_KEPT = 16 * 1024;
  private static final int MAX_CHUNK_SIZE = 0xFFFFFF;
  private static final int EXTENDED = 0xFFFFFF;
  private static final int[] HEADER_BYTES = {11, 7, 3, 0};

  /** What a chunk stream remembers from one header to the next. */
  private static final class Stream {
    long timestamp;
    long field;
    boolean extended;
    int length;
    int type;
    int received;
    byte[] kept = new byte[MediaSink.HEAD_BYTES];
    int keptBytes;

    int wanted() {
      boolean media = type == MediaSink.AUDIO || type == MediaSink.VIDEO;
      return Math.min(length, media ? MediaSink.HEAD_BYTES : MAX_KEPT);
    }
  }

  private final MediaSink sink;
  private final byte[] header = new byte[18];
  private int headerBytes;
  private Stream[] streams = new Stream[16];
  private Stream current = new Stream();
  private int chunkLeft;
  private int chunkSize = 128;

  RtmpChunkReader(MediaSink sink) {
    this.sink = sink;
  }

  /**
   * Consumes all that is in the buffer; it may end anywhere in a chunk.
   *
   * @throws IllegalStateException naming what is not RTMP
   */
  void read(ByteBuffer in) {
    while (in.hasRemaining()) {
      if (chunkLeft > 0) {
        payload(in);
      } else {
        header[headerBytes++] = in.get();
        if (headerComplete()) {
          startChunk();
        }
      }
    }
  }

  private void payload(ByteBuffer in) {
    Stream stream = current;
    int take = Math.min(chunkLeft, in.remaining());
    int keep = Math.min(take, stream.wanted() - stream.keptBytes);
    if (keep > 0) {
      if (stream.kept.length < stream.keptBytes + keep) {
        stream.kept = Arrays.copyOf(stream.kept, stream.wanted());
      }
      in.get(in.position(), stream.kept, stream.keptBytes, keep);
      stream.keptBytes += keep;
    }
    in.position(in.position() + take);
    chunkLeft -= take;
    stream.received += take;
    if (stream.received == stream.length) {
      finish(stream);
    }
  }

  private void finish(Stream stream) {
    if (stream.type == SET_CHUNK_SIZE && stream.keptBytes >= 4) {
      chunkSize = ByteBuffer.wrap(stream.kept).getInt() & 0x7FFFFFFF;
      if (chunkSize < 1 || chunkSize > MAX_CHUNK_SIZE) {
        throw new IllegalStateException("chunkSize: " + chunkSize + " (expected: 1..16777215)");
      }
    }
    sink.message(stream.type, stream.timestamp, stream.length, stream.kept, stream.keptBytes);
    stream.received = 0;
    stream.keptBytes = 0;
  }

  private int basicBytes() {
    int low = header[0] & 0x3F;
    return low == 0 ? 2 : low == 1 ? 3 : 1;
  }

  private int chunkStreamId() {
    return switch (basicBytes()) {
      case 2 -> 64 + (header[1] & 0xFF);
      case 3 -> 64 + (header[1] & 0xFF) + ((header[2] & 0xFF) << 8);
      default -> header[0] & 0x3F;
    };
  }

  private boolean headerComplete() {
    int basic = basicBytes();
    if (headerBytes < basic) {
      return false;
    }
    int format = (header[0] & 0xFF) >> 6;
    int plain = basic + HEADER_BYTES[format];
    if (headerBytes < plain) {
      return false;
    }
    boolean extended = format == 3 ? stream().extended : medium(basic) == EXTENDED;
    return headerBytes == plain + (extended ? 4 : 0);
  }

  private void startChunk() {
    int basic = basicBytes();
    int format = (header[0] & 0xFF) >> 6;
    Stream stream = stream();
    boolean fresh = stream.received == 0;
    int at = basic + HEADER_BYTES[format];
    if (format < 3) {
      long field = medium(basic);
      stream.extended = field == EXTENDED;
      stream.field = stream.extended ? unsignedInt(at) : field;
    }
    if (format < 2) {
      stream.length = medium(basic + 3);
      stream.type = header[basic + 6] & 0xFF;
    }
    if (fresh) {
      stream.timestamp = format == 0 ? stream.field : stream.timestamp + stream.field;
    }
    headerBytes = 0;
    current = stream;
    chunkLeft = Math.min(chunkSize, stream.length - stream.received);
    if (chunkLeft == 0) {
      finish(stream);
    }
  }

  private Stream stream() {
    int id = chunkStreamId();
    if (id >= streams.length) {
      streams = Arrays.copyOf(streams, id + 16);
    }
    Stream stream = streams[id];
    if (stream == null) {
      stream = new Stream();
      streams[id] = stream;
    }
    return stream;
  }

  private int medium(int at) {
    return (header[at] & 0xFF) << 16 | (header[at + 1] & 0xFF) << 8 | (header[at + 2] & 0xFF);
  }

  private long unsignedInt(int at) {
    return ByteBuffer.wrap(header).getInt(at) & 0xFFFFFFFFL;
  }
}
