package dev.sluice.media.rtmp;

import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * Protocol control of one connection (sections 5.4 and 7.1.7), the same for both sides: counts what
 * comes in, acknowledges it at the peer's window, answers pings, ignores events it does not know.
 *
 * <p>Threading: confined to one connection.
 */
final class ControlMessages {
  /** Window announced to peers, and the one assumed until they announce theirs. */
  static final int WINDOW_BYTES = 2_500_000;

  private final MessageWriter writer;
  private final LongConsumer onBufferLength;
  private final IntConsumer onPong;
  private final Runnable onStreamEof;
  private long received;
  private long acknowledged;
  private long windowBytes = WINDOW_BYTES;
  private int announcedWindow;

  ControlMessages(
      MessageWriter writer, LongConsumer onBufferLength, IntConsumer onPong, Runnable onStreamEof) {
    this.onStreamEof = onStreamEof;
    this.writer = writer;
    this.onBufferLength = onBufferLength;
    this.onPong = onPong;
  }

  long bytesReceived() {
    return received;
  }

  void count(int bytes) {
    received += bytes;
  }

  /** Sends what the peer waits for. The sequence number is the byte count, modulo 2^32. */
  void acknowledge() {
    if (received - acknowledged >= windowBytes) {
      acknowledged = received;
      writer.sendAcknowledgement((int) received);
    }
  }

  /**
   * Handles a control message.
   *
   * @return whether it was one
   */
  boolean handle(int messageType, ByteBuf payload) {
    switch (messageType) {
      case MessageType.WINDOW_ACK_SIZE -> {
        long window = readNumber(payload, 0, "Window Acknowledgement Size") & 0xFFFFFFFFL;
        windowBytes = window == 0 ? WINDOW_BYTES : window;
      }
      case MessageType.SET_PEER_BANDWIDTH -> {
        int window = readNumber(payload, 0, "Set Peer Bandwidth");
        if (window > 0 && window != announcedWindow) {
          announcedWindow = window;
          writer.sendWindowAckSize(window);
        }
      }
      case MessageType.ACKNOWLEDGEMENT -> {}
      case MessageType.USER_CONTROL -> handleUserControl(payload);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void handleUserControl(ByteBuf payload) {
    if (payload.readableBytes() < 2) {
      throw tooShort("User Control", payload);
    }
    switch (payload.getUnsignedShort(payload.readerIndex())) {
      case MessageWriter.SET_BUFFER_LENGTH ->
          onBufferLength.accept(readNumber(payload, 6, "SetBufferLength") & 0xFFFFFFFFL);
      case MessageWriter.STREAM_EOF -> onStreamEof.run();
      case MessageWriter.PING_REQUEST ->
          writer.sendUserControl(
              MessageWriter.PING_RESPONSE, readNumber(payload, 2, "PingRequest"));
      case MessageWriter.PING_RESPONSE -> {
        if (payload.readableBytes() >= 6) {
          onPong.accept(readNumber(payload, 2, "PingResponse")); // any other is a sign of life, too
        }
      }
      default -> {} // many are in use, few are specified
    }
  }

  private static int readNumber(ByteBuf payload, int offset, String what) {
    if (payload.readableBytes() < offset + 4) {
      throw tooShort(what, payload);
    }
    return payload.getInt(payload.readerIndex() + offset);
  }

  private static RtmpException tooShort(String what, ByteBuf payload) {
    return new RtmpException(
        Reason.BAD_CONTROL,
        what + ": " + payload.readableBytes() + " bytes (expected: its fields)");
  }
}
