package dev.sluice.app.e2e;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * HEVC between the byte stream that ffmpeg writes and reads (NAL units behind start codes) and the
 * tags of Enhanced RTMP (NAL units behind lengths), as an encoder and a player would do it.
 */
final class Hevc {
  private static final int FIRST_PARAMETER_SET = 32; // VPS 32, SPS 33, PPS 34
  private static final int LAST_PARAMETER_SET = 34;
  private static final int SPS = 33;
  private static final int FIRST_IRAP = 16;
  private static final int LAST_IRAP = 23;
  private static final byte[] FOUR_CC = {'h', 'v', 'c', '1'};

  private final List<byte[]> parameterSets = new ArrayList<>();
  private final List<List<byte[]>> pictures = new ArrayList<>();

  /** Reads a byte stream with one slice per picture. */
  Hevc(byte[] stream) {
    List<byte[]> before = new ArrayList<>();
    for (byte[] unit : units(stream)) {
      int type = type(unit);
      if (type >= FIRST_PARAMETER_SET && type <= LAST_PARAMETER_SET) {
        if (parameterSets.stream().noneMatch(set -> type(set) == type)) {
          parameterSets.add(unit);
        }
      } else {
        before.add(unit);
        if (type < FIRST_PARAMETER_SET) { // a slice ends its picture
          pictures.add(List.copyOf(before));
          before.clear();
        }
      }
    }
  }

  int pictures() {
    return pictures.size();
  }

  /** Sequence start with a HEVCDecoderConfigurationRecord. The caller owns the tag. */
  FlvTag sequenceStart() {
    byte[] sps = parameterSets.stream().filter(set -> type(set) == SPS).findFirst().orElseThrow();
    ByteBuf body = Unpooled.buffer().writeByte(0x90).writeBytes(FOUR_CC);
    body.writeByte(1).writeBytes(sps, 3, 12); // version; general profile, tier and level
    body.writeShort(0xF000).writeByte(0xFC).writeByte(0xFD).writeShort(0xF8F8);
    body.writeShort(0).writeByte(0x0F).writeByte(parameterSets.size());
    for (byte[] set : parameterSets) {
      body.writeByte(0x80 | type(set)).writeShort(1).writeShort(set.length).writeBytes(set);
    }
    return new FlvTag(TagType.VIDEO, 0, body);
  }

  /** One picture as coded frames. The caller owns the tag. */
  FlvTag picture(int index, long timestampMs) {
    List<byte[]> units = pictures.get(index);
    int type = type(units.getLast());
    boolean key = type >= FIRST_IRAP && type <= LAST_IRAP;
    ByteBuf body = Unpooled.buffer().writeByte(key ? 0x91 : 0xA1).writeBytes(FOUR_CC);
    body.writeMedium(0);
    for (byte[] unit : units) {
      body.writeInt(unit.length).writeBytes(unit);
    }
    return new FlvTag(TagType.VIDEO, timestampMs, body);
  }

  /** The byte stream of received tag bodies: parameter sets of the first, pictures of the rest. */
  byte[] stream(List<byte[]> bodies) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parameterSets.forEach(set -> unit(out, set, 0, set.length));
    for (byte[] body : bodies) {
      if ((body[0] & 0x0F) == 1) {
        for (int at = 8; at + 4 < body.length; ) {
          int length = Unpooled.wrappedBuffer(body).getInt(at);
          unit(out, body, at + 4, length);
          at += 4 + length;
        }
      }
    }
    return out.toByteArray();
  }

  private static void unit(ByteArrayOutputStream out, byte[] from, int at, int length) {
    out.writeBytes(new byte[] {0, 0, 0, 1});
    out.write(from, at, length);
  }

  private static int type(byte[] unit) {
    return unit[0] >> 1 & 0x3F;
  }

  private static List<byte[]> units(byte[] stream) {
    List<byte[]> units = new ArrayList<>();
    int start = -1;
    for (int i = 0; i + 2 <= stream.length; i++) {
      boolean code =
          i + 3 <= stream.length && stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1;
      if (code || i + 2 == stream.length) {
        int end = code ? i : stream.length;
        if (start >= 0) {
          while (end > start && stream[end - 1] == 0) {
            end--;
          }
          units.add(java.util.Arrays.copyOfRange(stream, start, end));
        }
        start = i + 3;
        i += 2;
      }
    }
    return units;
  }
}
