package dev.sluice.media.rtmp;

import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.collection.IntObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The chunk streams of one connection and the memory of their unfinished messages, within what one
 * peer may make us hold.
 *
 * <p>Memory: a message's buffer grows as its bytes come. Neither the announced length nor the chunk
 * size is ever allocated by.
 *
 * <p>Threading: confined to one caller. {@link #close()} frees unfinished messages.
 */
final class ChunkStreams implements AutoCloseable {
  private static final int FIRST_ALLOCATION_BYTES = 16 << 10;

  private final ByteBufAllocator allocator;
  private final RtmpLimits limits;
  private final IntObjectHashMap<ChunkStream> streams = new IntObjectHashMap<>();
  private int heldBytes;

  /** Holds nothing yet. */
  ChunkStreams(ByteBufAllocator allocator, RtmpLimits limits) {
    this.allocator = allocator;
    this.limits = limits;
  }

  /** The chunk stream of an id, or null. */
  @Nullable ChunkStream find(int id) {
    return streams.get(id);
  }

  ChunkStream findOrAdd(int id) {
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

  /** By its header: nobody is waited for whose message would be refused once it is there. */
  void requireLength(int messageType, int bytes) {
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

  /**
   * The unfinished message of a chunk stream with room for {@code bytes} more. It stays ours.
   *
   * @param bytesHere bytes that have arrived and may belong to this message: worth allocating for
   */
  ByteBuf ensureRoom(ChunkStream stream, int bytes, int bytesHere) {
    ByteBuf message = stream.message;
    int written = message == null ? 0 : message.writerIndex();
    int capacity = message == null ? 0 : message.capacity();
    if (message != null && capacity - written >= bytes) {
      return message;
    }
    int wanted = Math.max(written + bytesHere, Math.max(FIRST_ALLOCATION_BYTES, 2 * capacity));
    wanted = Math.min(wanted, stream.length);
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
      message = allocator.buffer(wanted, Math.max(1, stream.length));
      stream.message = message;
    } else {
      message.capacity(wanted);
    }
    heldBytes += message.capacity() - capacity;
    return message;
  }

  /** Gives up the message of a chunk stream, now whole, to who releases it. */
  void giveUp(ChunkStream stream, ByteBuf whole) {
    stream.message = null;
    heldBytes -= whole.capacity();
  }

  /** Frees the unfinished message of a chunk stream, if there is one. */
  void discard(ChunkStream stream) {
    ByteBuf message = stream.message;
    if (message != null) {
      giveUp(stream, message);
      message.release();
    }
  }

  /** Bytes held in buffers of unfinished messages. */
  int heldBytes() {
    return heldBytes;
  }

  @Override
  public void close() {
    for (ChunkStream each : streams.values()) {
      discard(each);
    }
    streams.clear();
  }
}
