package dev.sluice.media.rtmp;

import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Puts chunks together to messages (section 5.3.1), whatever the pieces in which bytes arrive.
 *
 * <p>A chunk is a {@link ChunkHeader}, perhaps an extended time, and a piece of a message. What is
 * known of each chunk stream, and its unfinished message, is in {@link ChunkStreams}.
 *
 * <pre>
 * extended time   32 bits, when the 24-bit time of this or the last header is 0xFFFFFF
 * </pre>
 *
 * <p>What real peers do, and what is made of it:
 *
 * <ul>
 *   <li>librtmp and older OBS leave the extended time out of type 3 chunks: the four bytes are
 *       taken only if they equal the last extended value.
 *   <li>A type 3 chunk that begins a message repeats the last delta; after a type 0 header the
 *       specification means that header's time. A time over {@value #ABSURD_DELTA_MS} ms cannot be
 *       meant as a delta and counts as 0.
 *   <li>A first chunk of type 1, 2 or 3 is read against zeros.
 *   <li>A new header inside an unfinished message drops that message.
 * </ul>
 *
 * <p>Set Chunk Size and Abort are obeyed here and not handed out.
 *
 * <p>Threading: confined to one caller. {@link #close()} frees unfinished messages.
 */
public final class ChunkDecoder implements AutoCloseable {
  static final int ABSURD_DELTA_MS = 1000;

  private enum State {
    HEADER,
    EXTENDED_TIME,
    PAYLOAD
  }

  private final ChunkStreams streams;
  private final ChunkHeader header = new ChunkHeader();
  private final byte[] time = new byte[4];

  private int chunkSize = ChunkEncoder.INITIAL_CHUNK_SIZE;
  private State state = State.HEADER;
  private int timeBytes;
  private @Nullable ChunkStream stream;
  private int chunkLeft;
  private boolean closed;

  /** A decoder of a fresh connection: chunks of 128 bytes. */
  public ChunkDecoder(ByteBufAllocator allocator, RtmpLimits limits) {
    this.streams = new ChunkStreams(allocator, limits);
  }

  /**
   * Reads all of {@code in} and hands out each message as it becomes complete.
   *
   * @param in borrowed; fully consumed unless an exception escapes
   * @throws RtmpException for bytes that break the protocol or a limit; the decoder is then useless
   */
  public void decode(ByteBuf in, MessageSink sink) {
    boolean more = true;
    while (more && !closed) {
      more =
          switch (state) {
            case HEADER -> readHeader(in);
            case EXTENDED_TIME -> readExtendedTime(in, sink);
            case PAYLOAD -> readPayload(in, sink);
          };
    }
  }

  /** Chunk size that the peer has announced. */
  public int chunkSize() {
    return chunkSize;
  }

  /** Bytes held in buffers of unfinished messages. */
  public int heldBytes() {
    return streams.heldBytes();
  }

  /** Frees unfinished messages; may be called by a sink. Nothing is decoded from then on. */
  @Override
  public void close() {
    closed = true;
    streams.close();
  }

  /** Reads basic and message header; false when bytes are missing, as the next two say as well. */
  private boolean readHeader(ByteBuf in) {
    if (!header.read(in)) {
      return false;
    }
    ChunkStream current = streams.findOrAdd(header.chunkStreamId());
    stream = current;
    if (header.format() < 3) {
      streams.discard(current);
      header.applyTo(current);
    }
    if (current.extended) {
      state = State.EXTENDED_TIME;
      timeBytes = 0;
    } else {
      beginChunk(current);
    }
    return true;
  }

  private boolean readExtendedTime(ByteBuf in, MessageSink sink) {
    ChunkStream current = current();
    while (timeBytes < 4) {
      if (!in.isReadable()) {
        return false;
      }
      time[timeBytes++] = in.readByte();
      if (header.format() == 3
          && time[timeBytes - 1] != (byte) (current.timeField >>> (32 - 8 * timeBytes))) {
        return readTimeAsPayload(sink, current);
      }
    }
    current.timeField =
        (time[0] & 0xFF) << 24 | (time[1] & 0xFF) << 16 | (time[2] & 0xFF) << 8 | (time[3] & 0xFF);
    beginChunk(current);
    return true;
  }

  /** The bytes read as a time differ from the last one: the peer left it out, they are payload. */
  private boolean readTimeAsPayload(MessageSink sink, ChunkStream current) {
    byte[] bytes = new byte[timeBytes];
    System.arraycopy(time, 0, bytes, 0, timeBytes);
    beginChunk(current);
    decode(Unpooled.wrappedBuffer(bytes), sink); // at most four bytes, so shallow
    return true;
  }

  private void beginChunk(ChunkStream current) {
    if (current.message == null) {
      beginMessage(current);
    }
    chunkLeft = Math.min(chunkSize, current.left);
    state = State.PAYLOAD;
  }

  private void beginMessage(ChunkStream current) {
    switch (header.format()) {
      case 0 -> {
        current.timestamp = current.timeField;
        current.afterAbsolute = true;
      }
      case 1, 2 -> {
        current.delta = current.timeField;
        current.timestamp += current.delta;
        current.afterAbsolute = false;
      }
      default -> {
        if (current.afterAbsolute) {
          int asDelta = current.timestamp;
          current.delta = asDelta >= 0 && asDelta <= ABSURD_DELTA_MS ? asDelta : 0;
          current.afterAbsolute = false;
        }
        current.timestamp += current.delta;
      }
    }
    streams.requireLength(current.messageType, current.length);
    current.left = current.length;
  }

  private boolean readPayload(ByteBuf in, MessageSink sink) {
    ChunkStream current = current();
    int take = Math.min(chunkLeft, in.readableBytes());
    if (take == 0 && chunkLeft > 0) {
      return false;
    }
    ByteBuf message = streams.ensureRoom(current, take, Math.min(current.left, in.readableBytes()));
    message.writeBytes(in, take);
    chunkLeft -= take;
    current.left -= take;
    if (chunkLeft > 0) {
      return false;
    }
    state = State.HEADER;
    if (current.left == 0) {
      streams.giveUp(current, message);
      try {
        deliver(current, message, sink);
      } finally {
        message.release();
      }
    }
    return true;
  }

  private void deliver(ChunkStream current, ByteBuf message, MessageSink sink) {
    switch (current.messageType) {
      case MessageType.SET_CHUNK_SIZE -> {
        requireControl(message, "Set Chunk Size");
        int size = message.getInt(message.readerIndex());
        if (size < 1) {
          throw new RtmpException(
              Reason.BAD_CHUNK_SIZE,
              "chunkSize: " + Integer.toUnsignedString(size) + " (expected: 1..2147483647)");
        }
        chunkSize = size;
      }
      case MessageType.ABORT -> {
        requireControl(message, "Abort");
        ChunkStream aborted = streams.find(message.getInt(message.readerIndex()));
        if (aborted != null) {
          streams.discard(aborted);
        }
      }
      default ->
          sink.onMessage(current.messageType, current.messageStreamId, current.timestamp, message);
    }
  }

  private static void requireControl(ByteBuf message, String what) {
    if (message.readableBytes() < 4) {
      throw new RtmpException(
          Reason.BAD_CONTROL, what + ": " + message.readableBytes() + " bytes (expected: 4)");
    }
  }

  private ChunkStream current() {
    ChunkStream current = stream;
    if (current == null) {
      throw new IllegalStateException("no chunk stream in state " + state);
    }
    return current;
  }
}
