package dev.sluice.media.rtmp;

import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.IntObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts chunks together to messages (section 5.3.1), whatever the pieces in which bytes arrive.
 *
 * <pre>
 * basic header    format 2 bits, chunk stream id 6 bits: 2..63 | 0: one more byte | 1: two more
 * message header  type 0: time 24, length 24, type 8, stream id 32 (little endian)
 *                 type 1: delta 24, length 24, type 8      type 2: delta 24      type 3: nothing
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
 * <p>Memory: a message's buffer grows as its bytes come. Neither the announced length nor the chunk
 * size is ever allocated by. Set Chunk Size and Abort are obeyed here and not handed out.
 *
 * <p>Threading: confined to one caller. {@link #close()} frees unfinished messages.
 */
public final class ChunkDecoder implements AutoCloseable {
  static final int ABSURD_DELTA_MS = 1000;

  private static final int EXTENDED = 0xFFFFFF;
  private static final int MAX_HEADER_BYTES = 3 + 11;
  private static final int FIRST_ALLOCATION_BYTES = 16 << 10;
  private static final int[] MESSAGE_HEADER_BYTES = {11, 7, 3, 0};

  private enum State {
    HEADER,
    EXTENDED_TIME,
    PAYLOAD
  }

  private final ByteBufAllocator allocator;
  private final RtmpLimits limits;
  private final IntObjectHashMap<ChunkStream> streams = new IntObjectHashMap<>();
  private final byte[] head = new byte[MAX_HEADER_BYTES];
  private final byte[] time = new byte[4];

  private int chunkSize = ChunkEncoder.INITIAL_CHUNK_SIZE;
  private int heldBytes;
  private State state = State.HEADER;
  private int headBytes;
  private int timeBytes;
  private int format;
  private @Nullable ChunkStream stream;
  private int chunkLeft;
  private boolean closed;

  /** A decoder of a fresh connection: chunks of 128 bytes. */
  public ChunkDecoder(ByteBufAllocator allocator, RtmpLimits limits) {
    this.allocator = allocator;
    this.limits = limits;
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
    return heldBytes;
  }

  /** Frees unfinished messages; may be called by a sink. Nothing is decoded from then on. */
  @Override
  public void close() {
    closed = true;
    for (ChunkStream each : streams.values()) {
      discard(each);
    }
    streams.clear();
  }

  /** Reads basic and message header; false when bytes are missing, as the next two say as well. */
  private boolean readHeader(ByteBuf in) {
    if (headBytes == 0) {
      if (!in.isReadable()) {
        return false;
      }
      head[headBytes++] = in.readByte();
    }
    format = (head[0] & 0xFF) >> 6;
    int needed = basicHeaderBytes() + MESSAGE_HEADER_BYTES[format];
    int take = Math.min(needed - headBytes, in.readableBytes());
    in.readBytes(head, headBytes, take);
    headBytes += take;
    if (headBytes < needed) {
      return false;
    }
    headBytes = 0;
    ChunkStream current = findOrAddStream(chunkStreamId());
    stream = current;
    if (format < 3) {
      discard(current);
      readMessageHeader(current, basicHeaderBytes());
    }
    if (current.extended) {
      state = State.EXTENDED_TIME;
      timeBytes = 0;
    } else {
      beginChunk(current);
    }
    return true;
  }

  private void readMessageHeader(ChunkStream current, int at) {
    int field = readUint24(at);
    current.extended = field == EXTENDED;
    current.timeField = field;
    if (format < 2) {
      current.length = readUint24(at + 3);
      current.messageType = head[at + 6] & 0xFF;
    }
    if (format == 0) {
      current.messageStreamId =
          (head[at + 7] & 0xFF)
              | (head[at + 8] & 0xFF) << 8
              | (head[at + 9] & 0xFF) << 16
              | (head[at + 10] & 0xFF) << 24;
    }
  }

  private int basicHeaderBytes() {
    int low = head[0] & 0x3F;
    return low == 0 ? 2 : low == 1 ? 3 : 1;
  }

  private int chunkStreamId() {
    return switch (basicHeaderBytes()) {
      case 2 -> 64 + (head[1] & 0xFF);
      case 3 -> 64 + (head[1] & 0xFF) + ((head[2] & 0xFF) << 8);
      default -> head[0] & 0x3F;
    };
  }

  private ChunkStream findOrAddStream(int id) {
    ChunkStream known = streams.get(id);
    if (known != null) {
      return known;
    }
    if (streams.size() >= limits.maxChunkStreams()) {
      throw new RtmpException(
          Reason.TOO_MANY_CHUNK_STREAMS,
          "chunk streams: " + (streams.size() + 1) + " (expected: at most " + streams.size() + ")");
    }
    ChunkStream fresh = new ChunkStream();
    streams.put(id, fresh);
    return fresh;
  }

  private boolean readExtendedTime(ByteBuf in, MessageSink sink) {
    ChunkStream current = current();
    while (timeBytes < 4) {
      if (!in.isReadable()) {
        return false;
      }
      time[timeBytes++] = in.readByte();
      if (format == 3
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
    switch (format) {
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
    requireLength(current.messageType, current.length);
    current.left = current.length;
  }

  /** By its header: nobody is waited for whose message would be refused once it is there. */
  private void requireLength(int messageType, int bytes) {
    int max = limits.maxBytes(messageType);
    if (bytes > max) {
      boolean command = Command.isCommand(messageType);
      throw new RtmpException(
          command ? Reason.COMMAND_TOO_LARGE : Reason.MESSAGE_TOO_LARGE,
          (command ? "command: " : "message of type " + messageType + ": ")
              + bytes
              + " bytes (expected: at most "
              + max
              + ")");
    }
  }

  private boolean readPayload(ByteBuf in, MessageSink sink) {
    ChunkStream current = current();
    int take = Math.min(chunkLeft, in.readableBytes());
    if (take == 0 && chunkLeft > 0) {
      return false;
    }
    ByteBuf message = ensureRoom(current, take, Math.min(current.left, in.readableBytes()));
    message.writeBytes(in, take);
    chunkLeft -= take;
    current.left -= take;
    if (chunkLeft > 0) {
      return false;
    }
    state = State.HEADER;
    if (current.left == 0) {
      current.message = null;
      heldBytes -= message.capacity();
      try {
        deliver(current, message, sink);
      } finally {
        message.release();
      }
    }
    return true;
  }

  /**
   * The unfinished message with room for {@code bytes} more, within what one peer may make us hold.
   *
   * @param bytesHere bytes that have arrived and may belong to this message: worth allocating for
   */
  private ByteBuf ensureRoom(ChunkStream current, int bytes, int bytesHere) {
    ByteBuf message = current.message;
    int written = message == null ? 0 : message.writerIndex();
    int capacity = message == null ? 0 : message.capacity();
    if (message != null && capacity - written >= bytes) {
      return message;
    }
    int wanted = Math.max(written + bytesHere, Math.max(FIRST_ALLOCATION_BYTES, 2 * capacity));
    wanted = Math.min(wanted, current.length);
    if (heldBytes - capacity + wanted > limits.maxInProgressBytes()) {
      throw new RtmpException(
          Reason.TOO_MUCH_IN_PROGRESS,
          "unfinished messages: "
              + (heldBytes - capacity + wanted)
              + " bytes (expected: at most "
              + limits.maxInProgressBytes()
              + ")");
    }
    if (message == null) {
      message = allocator.buffer(wanted, Math.max(1, current.length));
      current.message = message;
    } else {
      message.capacity(wanted);
    }
    heldBytes += message.capacity() - capacity;
    return message;
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
        ChunkStream aborted = streams.get(message.getInt(message.readerIndex()));
        if (aborted != null) {
          discard(aborted);
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

  private void discard(ChunkStream unfinished) {
    ByteBuf message = unfinished.message;
    if (message != null) {
      unfinished.message = null;
      heldBytes -= message.capacity();
      message.release();
    }
  }

  private ChunkStream current() {
    ChunkStream current = stream;
    if (current == null) {
      throw new IllegalStateException("no chunk stream in state " + state);
    }
    return current;
  }

  private int readUint24(int at) {
    return (head[at] & 0xFF) << 16 | (head[at + 1] & 0xFF) << 8 | (head[at + 2] & 0xFF);
  }
}
