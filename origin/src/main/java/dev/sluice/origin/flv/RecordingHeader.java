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
    writeName(out, "onMetaData");
    out.writeByte(8);
    int count = out.writerIndex();
    out.writeInt(0);
    int properties = writeValues(out, index, fileBytes) + writeKeyframes(out, index) + 2;
    int left = BODY_BYTES - (out.writerIndex() - start) - TAIL_BYTES;
    int spacers = left / NUMBER_BYTES;
    writeName(out, "spacer");
    out.writeByte(10);
    out.writeInt(spacers);
    for (int i = 0; i < spacers; i++) {
      writeNumber(out, 0);
    }
    writeName(out, "padding");
    out.writeByte(2);
    writeName(out, " ".repeat(left % NUMBER_BYTES));
    out.writeMedium(9);
    out.setInt(count, properties);
    assert out.writerIndex() - start == BODY_BYTES;
    out.writeInt(BODY_BYTES + 11);
  }

  private static int writeValues(ByteBuf out, FlvIndex index, long fileBytes) {
    double seconds = index.durationMs() / 1000.0;
    int n = 0;
    n += writeNumber(out, "duration", seconds);
    n += writeNumber(out, "filesize", (double) fileBytes);
    n += writeFlag(out, "hasVideo", index.videoTags() > 0);
    n += writeFlag(out, "hasAudio", index.audioTags() > 0);
    n += writeFlag(out, "hasMetadata", true);
    n += writeFlag(out, "hasKeyframes", index.points() > 0);
    n += writeFlag(out, "canSeekToEnd", false);
    n += writeNumber(out, "lasttimestamp", seconds);
    if (index.points() > 0) {
      n += writeNumber(out, "lastkeyframetimestamp", index.timeMs(index.points() - 1) / 1000.0);
      n += writeNumber(out, "lastkeyframelocation", (double) index.position(index.points() - 1));
    }
    if (index.videoCodecId() >= 0) {
      n += writeNumber(out, "videocodecid", index.videoCodecId());
      PictureSize size = index.pictureSize();
      n += size.known() ? writeNumber(out, "width", size.width()) : 0;
      n += size.known() ? writeNumber(out, "height", size.height()) : 0;
      n += writeRate(out, "framerate", (double) index.videoTags(), seconds);
      n += writeRate(out, "videodatarate", index.videoBytes() * 8 / 1000.0, seconds);
    }
    CodecInfo audio = index.audio();
    if (index.audioCodecId() >= 0) {
      n += writeNumber(out, "audiocodecid", index.audioCodecId());
      n += writeRate(out, "audiodatarate", index.audioBytes() * 8 / 1000.0, seconds);
      if (audio != null && audio.sampleRate() > 0) {
        n += writeNumber(out, "audiosamplerate", audio.sampleRate());
        n += writeFlag(out, "stereo", audio.channels() == 2);
      }
    }
    writeName(out, "metadatacreator");
    out.writeByte(2);
    writeName(out, "Sluice");
    return n + 1;
  }

  private static int writeKeyframes(ByteBuf out, FlvIndex index) {
    if (index.points() == 0) {
      return 0;
    }
    int step = (index.points() + MAX_POINTS - 1) / MAX_POINTS;
    int kept = (index.points() + step - 1) / step;
    writeName(out, "keyframes");
    out.writeByte(3);
    writeName(out, "filepositions");
    out.writeByte(10);
    out.writeInt(kept);
    for (int i = 0; i < index.points(); i += step) {
      writeNumber(out, (double) index.position(i));
    }
    writeName(out, "times");
    out.writeByte(10);
    out.writeInt(kept);
    for (int i = 0; i < index.points(); i += step) {
      writeNumber(out, index.timeMs(i) / 1000.0);
    }
    out.writeMedium(9);
    return 1;
  }

  private static int writeRate(ByteBuf out, String name, double amount, double seconds) {
    return seconds < 0.1 ? 0 : writeNumber(out, name, amount / seconds);
  }

  private static int writeNumber(ByteBuf out, String name, double value) {
    writeName(out, name);
    writeNumber(out, value);
    return 1;
  }

  private static void writeNumber(ByteBuf out, double value) {
    out.writeByte(0);
    out.writeDouble(value);
  }

  private static int writeFlag(ByteBuf out, String name, boolean value) {
    writeName(out, name);
    out.writeByte(1);
    out.writeBoolean(value);
    return 1;
  }

  private static void writeName(ByteBuf out, String text) {
    out.writeShort(text.length());
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }
}
