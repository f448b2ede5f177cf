package dev.sluice.origin.flv;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.PictureSize;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * The start of a recording, of a fixed length, so that it can be rewritten in place when the length
 * and the keyframes are known:
 *
 * <pre>
 * FLV header                    13 bytes
 * script tag "onMetaData"       {@value #BODY_BYTES} bytes and 15 around them
 *   duration, filesize, codecs, size of the picture, rates
 *   keyframes { filepositions [..], times [..] }   at most {@value #MAX_POINTS}, thinned beyond
 *   spacer [0, 0, ..], padding "   "               fill the rest
 * </pre>
 *
 * <p>The spacer is made of numbers and the padding is short, as players' AMF readers know few types
 * and short strings only.
 */
public final class RecordingHeader {
  /** Most places to start from in the index: over an hour of one keyframe every two seconds. */
  public static final int MAX_POINTS = 2048;

  /** Length of the onMetaData body. */
  static final int BODY_BYTES = 1024 + 18 * MAX_POINTS;

  /** Length of the whole header; the first media tag follows. */
  public static final int BYTES =
      FlvFormat.HEADER_BYTES + BODY_BYTES + FlvFormat.TAG_OVERHEAD_BYTES;

  private static final int NUMBER_BYTES = 9;

  // Behind the values: "spacer" [n], "padding" "..", end of object.
  private static final int TAIL_BYTES = 2 + 6 + 5 + 2 + 7 + 3 + 3;

  private RecordingHeader() {}

  /**
   * Writes {@value #BYTES} bytes.
   *
   * @param index what is behind the header; positions from the start of the file
   * @param fileBytes length of the whole file
   */
  public static void write(ByteBuf out, FlvIndex index, long fileBytes) {
    FlvFormat.writeHeader(out, index.audioTags() > 0, index.videoTags() > 0);
    FlvFormat.writeTagHeader(out, TagType.SCRIPT, BODY_BYTES, 0);
    int start = out.writerIndex();
    out.writeByte(2);
    name(out, "onMetaData");
    out.writeByte(8);
    int count = out.writerIndex();
    out.writeInt(0);
    int properties = values(out, index, fileBytes) + keyframes(out, index) + 2;
    int left = BODY_BYTES - (out.writerIndex() - start) - TAIL_BYTES;
    int spacers = left / NUMBER_BYTES;
    name(out, "spacer");
    out.writeByte(10);
    out.writeInt(spacers);
    for (int i = 0; i < spacers; i++) {
      number(out, 0);
    }
    name(out, "padding");
    out.writeByte(2);
    name(out, " ".repeat(left % NUMBER_BYTES));
    out.writeMedium(9);
    out.setInt(count, properties);
    assert out.writerIndex() - start == BODY_BYTES;
    out.writeInt(BODY_BYTES + 11);
  }

  private static int values(ByteBuf out, FlvIndex index, long fileBytes) {
    double seconds = index.durationMs() / 1000.0;
    int n = 0;
    n += number(out, "duration", seconds);
    n += number(out, "filesize", (double) fileBytes);
    n += flag(out, "hasVideo", index.videoTags() > 0);
    n += flag(out, "hasAudio", index.audioTags() > 0);
    n += flag(out, "hasMetadata", true);
    n += flag(out, "hasKeyframes", index.points() > 0);
    n += flag(out, "canSeekToEnd", false);
    n += number(out, "lasttimestamp", seconds);
    if (index.points() > 0) {
      n += number(out, "lastkeyframetimestamp", index.timeMs(index.points() - 1) / 1000.0);
      n += number(out, "lastkeyframelocation", (double) index.position(index.points() - 1));
    }
    if (index.videoCodecId() >= 0) {
      n += number(out, "videocodecid", index.videoCodecId());
      PictureSize size = index.pictureSize();
      n += size.known() ? number(out, "width", size.width()) : 0;
      n += size.known() ? number(out, "height", size.height()) : 0;
      n += rate(out, "framerate", (double) index.videoTags(), seconds);
      n += rate(out, "videodatarate", index.videoBytes() * 8 / 1000.0, seconds);
    }
    CodecInfo audio = index.audio();
    if (index.audioCodecId() >= 0) {
      n += number(out, "audiocodecid", index.audioCodecId());
      n += rate(out, "audiodatarate", index.audioBytes() * 8 / 1000.0, seconds);
      if (audio != null && audio.sampleRate() > 0) {
        n += number(out, "audiosamplerate", audio.sampleRate());
        n += flag(out, "stereo", audio.channels() == 2);
      }
    }
    name(out, "metadatacreator");
    out.writeByte(2);
    name(out, "Sluice");
    return n + 1;
  }

  private static int keyframes(ByteBuf out, FlvIndex index) {
    if (index.points() == 0) {
      return 0;
    }
    int step = (index.points() + MAX_POINTS - 1) / MAX_POINTS;
    int kept = (index.points() + step - 1) / step;
    name(out, "keyframes");
    out.writeByte(3);
    name(out, "filepositions");
    out.writeByte(10);
    out.writeInt(kept);
    for (int i = 0; i < index.points(); i += step) {
      number(out, (double) index.position(i));
    }
    name(out, "times");
    out.writeByte(10);
    out.writeInt(kept);
    for (int i = 0; i < index.points(); i += step) {
      number(out, index.timeMs(i) / 1000.0);
    }
    out.writeMedium(9);
    return 1;
  }

  private static int rate(ByteBuf out, String name, double amount, double seconds) {
    return seconds < 0.1 ? 0 : number(out, name, amount / seconds);
  }

  private static int number(ByteBuf out, String name, double value) {
    name(out, name);
    number(out, value);
    return 1;
  }

  private static void number(ByteBuf out, double value) {
    out.writeByte(0);
    out.writeDouble(value);
  }

  private static int flag(ByteBuf out, String name, boolean value) {
    name(out, name);
    out.writeByte(1);
    out.writeBoolean(value);
    return 1;
  }

  private static void name(ByteBuf out, String text) {
    out.writeShort(text.length());
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }
}
