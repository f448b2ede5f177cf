package dev.sluice.media.rtmp;

import dev.sluice.media.Wire;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Writes down messages as {@code type/stream@time hex}, long payloads by length and hash. */
final class ChunkCollector implements MessageSink {
  final List<String> messages = new ArrayList<>();

  @Override
  public void onMessage(int messageType, int messageStreamId, int timestamp, ByteBuf payload) {
    byte[] bytes = Wire.bytes(payload);
    String body =
        bytes.length > 64
            ? bytes.length + " bytes " + Arrays.hashCode(bytes)
            : HexFormat.of().formatHex(bytes);
    messages.add(
        messageType
            + "/"
            + messageStreamId
            + "@"
            + Integer.toUnsignedString(timestamp)
            + " "
            + body);
  }

  static String message(int type, int stream, long time, byte[] bytes) {
    String body =
        bytes.length > 64
            ? bytes.length + " bytes " + Arrays.hashCode(bytes)
            : HexFormat.of().formatHex(bytes);
    return type + "/" + stream + "@" + (time & 0xFFFFFFFFL) + " " + body;
  }
}
