package dev.sluice.media.rtmp;

import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes the messages that sessions send themselves. One call, one buffer.
 *
 * <p>Threading: confined to the session's loop.
 */
final class MessageWriter {
  static final int STREAM_BEGIN = 0;
  static final int STREAM_EOF = 1;
  static final int SET_BUFFER_LENGTH = 3;
  static final int STREAM_IS_RECORDED = 4;
  static final int PING_REQUEST = 6;
  static final int PING_RESPONSE = 7;
  private static final int BANDWIDTH_DYNAMIC = 2;

  private final Output out;
  private int chunkSize = ChunkEncoder.INITIAL_CHUNK_SIZE;

  MessageWriter(Output out) {
    this.out = out;
  }

  /** Announces {@link ChunkEncoder#OUT_CHUNK_SIZE} and uses it from then on. */
  void announceChunkSize() {
    sendControl(MessageType.SET_CHUNK_SIZE, body -> body.writeInt(ChunkEncoder.OUT_CHUNK_SIZE));
    chunkSize = ChunkEncoder.OUT_CHUNK_SIZE;
  }

  void sendWindowAckSize(int bytes) {
    sendControl(MessageType.WINDOW_ACK_SIZE, body -> body.writeInt(bytes));
  }

  void sendPeerBandwidth(int bytes) {
    sendControl(
        MessageType.SET_PEER_BANDWIDTH, body -> body.writeInt(bytes).writeByte(BANDWIDTH_DYNAMIC));
  }

  void sendAcknowledgement(int received) {
    sendControl(MessageType.ACKNOWLEDGEMENT, body -> body.writeInt(received));
  }

  /** A user control message whose event data is one 32-bit number. */
  void sendUserControl(int event, int value) {
    sendControl(MessageType.USER_CONTROL, body -> body.writeShort(event).writeInt(value));
  }

  void sendBufferLength(int messageStreamId, int bufferMs) {
    sendControl(
        MessageType.USER_CONTROL,
        body -> body.writeShort(SET_BUFFER_LENGTH).writeInt(messageStreamId).writeInt(bufferMs));
  }

  void sendCommand(int messageStreamId, String name, double transaction, AmfValue... values) {
    sendMessage(
        messageStreamId == 0 ? ChunkEncoder.COMMAND_CHUNK_STREAM : ChunkEncoder.DATA_CHUNK_STREAM,
        MessageType.COMMAND_AMF0,
        messageStreamId,
        body -> {
          Amf0.encode(body, AmfValue.of(name), AmfValue.of(transaction));
          Amf0.encode(body, values);
        });
  }

  void sendResult(double transaction, AmfValue... values) {
    sendCommand(0, "_result", transaction, values);
  }

  /** onStatus on the message stream it speaks of: gstreamer waits for it there. */
  void sendStatus(int messageStreamId, String level, String code, String description) {
    sendCommand(
        messageStreamId, "onStatus", 0, AmfValue.Nothing.NULL, info(level, code, description));
  }

  /**
   * Asks the peer to connect again (Enhanced RTMP v2, section "Reconnect Request").
   *
   * @param tcUrl where to, or empty for the URL it used
   */
  void sendReconnectRequest(String tcUrl, String description) {
    Map<String, AmfValue> info = new LinkedHashMap<>();
    info.put("level", AmfValue.of("status"));
    info.put("code", AmfValue.of("NetConnection.Connect.ReconnectRequest"));
    info.put("description", AmfValue.of(description));
    if (!tcUrl.isEmpty()) {
      info.put("tcUrl", AmfValue.of(tcUrl));
    }
    sendCommand(0, "onStatus", 0, AmfValue.Nothing.NULL, new AmfValue.Obj(info));
  }

  void sendData(int messageStreamId, AmfValue... values) {
    sendMessage(
        ChunkEncoder.DATA_CHUNK_STREAM,
        MessageType.DATA_AMF0,
        messageStreamId,
        body -> Amf0.encode(body, values));
  }

  /** Publishes a tag; script data gets the {@code @setDataFrame} that servers expect. */
  void sendTag(int messageStreamId, FlvTag tag, long timestampMs) {
    if (!tag.script()) {
      send(
          ChunkEncoder.chunkStream(tag),
          tag.type().code(),
          messageStreamId,
          timestampMs,
          tag.payload());
      return;
    }
    ByteBuf body = out.allocator().buffer(tag.payloadBytes() + 16);
    try {
      Amf0.encode(body, AmfValue.of(MediaMessages.SET_DATA_FRAME));
      body.writeBytes(tag.payload(), tag.payload().readerIndex(), tag.payloadBytes());
      send(ChunkEncoder.DATA_CHUNK_STREAM, tag.type().code(), messageStreamId, timestampMs, body);
    } finally {
      body.release();
    }
  }

  static AmfValue info(String level, String code, String description) {
    Map<String, AmfValue> info = new LinkedHashMap<>();
    info.put("level", AmfValue.of(level));
    info.put("code", AmfValue.of(code));
    info.put("description", AmfValue.of(description));
    return new AmfValue.Obj(info);
  }

  private void sendControl(int messageType, Consumer<ByteBuf> body) {
    sendMessage(ChunkEncoder.CONTROL_CHUNK_STREAM, messageType, 0, body);
  }

  private void sendMessage(
      int chunkStream, int type, int messageStreamId, Consumer<ByteBuf> write) {
    ByteBuf body = out.allocator().buffer();
    try {
      write.accept(body);
      send(chunkStream, type, messageStreamId, 0, body);
    } finally {
      body.release();
    }
  }

  private void send(int chunkStream, int type, int messageStreamId, long timeMs, ByteBuf body) {
    int bytes = ChunkEncoder.encodedBytes(chunkStream, timeMs, body.readableBytes(), chunkSize);
    ByteBuf encoded = out.allocator().buffer(bytes);
    ChunkEncoder.writeMessage(encoded, chunkStream, type, messageStreamId, timeMs, body, chunkSize);
    out.send(encoded);
  }
}
