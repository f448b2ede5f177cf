package dev.sluice.media.live;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tags that look like those of an encoder; each frame carries a number. The caller owns them. */
final class Tags {
  private static final int AVC_HEADER_BYTES = 5;
  private static final int AAC_HEADER_BYTES = 2;

  private Tags() {}

  static FlvTag metadata(String... codecs) {
    Map<String, AmfValue> properties = new LinkedHashMap<>();
    properties.put("duration", AmfValue.of(0));
    for (String codec : codecs) {
      properties.put(codec, AmfValue.of(7));
    }
    return new FlvTag(
        TagType.SCRIPT, 0, ScriptData.onMetaData(properties).encode(ByteBufAllocator.DEFAULT));
  }

  /** A sequence header of H.264, told apart by its level. */
  static FlvTag avcHeader(int level) {
    return tag(
        TagType.VIDEO,
        0,
        Wire.join(
            Wire.hex("17 00 000000 01 64 00"),
            new byte[] {(byte) level},
            Wire.hex("FF E1 0001 67")));
  }

  static FlvTag aacHeader() {
    return tag(TagType.AUDIO, 0, Wire.hex("AF 00 12 10"));
  }

  static FlvTag keyframe(long timestampMs, int number, int bytes) {
    return video(0x17, timestampMs, number, bytes, 0x65);
  }

  static FlvTag inter(long timestampMs, int number, int bytes) {
    return video(0x27, timestampMs, number, bytes, 0x41);
  }

  static FlvTag disposable(long timestampMs, int number, int bytes) {
    return video(0x27, timestampMs, number, bytes, 0x01);
  }

  static FlvTag audio(long timestampMs, int number, int bytes) {
    byte[] body = new byte[Math.max(bytes, AAC_HEADER_BYTES + 4)];
    body[0] = (byte) 0xAF;
    body[1] = 1;
    putInt(body, AAC_HEADER_BYTES, number);
    return tag(TagType.AUDIO, timestampMs, body);
  }

  /** The number in a frame. */
  static int number(FlvTag tag) {
    ByteBuf body = tag.payload();
    int skip = tag.video() ? AVC_HEADER_BYTES + 5 : AAC_HEADER_BYTES;
    return body.getInt(body.readerIndex() + skip);
  }

  private static FlvTag video(int first, long timestampMs, int number, int bytes, int nal) {
    byte[] body = new byte[Math.max(bytes, AVC_HEADER_BYTES + 9)];
    body[0] = (byte) first;
    body[1] = 1;
    putInt(body, AVC_HEADER_BYTES, body.length - AVC_HEADER_BYTES - 4);
    body[AVC_HEADER_BYTES + 4] = (byte) nal;
    putInt(body, AVC_HEADER_BYTES + 5, number);
    return tag(TagType.VIDEO, timestampMs, body);
  }

  private static void putInt(byte[] body, int at, int value) {
    body[at] = (byte) (value >> 24);
    body[at + 1] = (byte) (value >> 16);
    body[at + 2] = (byte) (value >> 8);
    body[at + 3] = (byte) value;
  }

  private static FlvTag tag(TagType type, long timestampMs, byte[] body) {
    return new FlvTag(type, timestampMs, Wire.buffer(body));
  }
}
