package dev.sluice.media.mp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.mp4.Mp4Exception.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a track's samples are coded: the first entry of its sample description, with the decoder's
 * configuration in it. The counterpart of what {@code media.fmp4} writes.
 *
 * <p>Pure; immutable.
 *
 * @param form how its samples are tags
 * @param header the sequence header, pinned; null of codecs that have none (MP3, AC-3)
 */
record SampleEntry(SampleForm form, @Nullable FlvTag header) {
  private static final int MAX_CONFIG_BYTES = 64 << 10;
  private static final int PICTURE_FIELDS = 78;
  private static final int SOUND_FIELDS = 20;
  private static final int SOUND_FIELDS_1 = 16;
  private static final int SOUND_FIELDS_2 = 36;
  private static final int DESCRIPTOR_ES = 3;
  private static final int DESCRIPTOR_DECODER = 4;
  private static final int DESCRIPTOR_SPECIFIC = 5;
  private static final int OBJECT_AAC = 0x40;
  private static final int OBJECT_AAC_MAIN_2 = 0x66;
  private static final int OBJECT_AAC_SSR_2 = 0x68;
  private static final int OBJECT_MP3 = 0x6B;
  private static final int OBJECT_MP3_2 = 0x69;

  /**
   * Reads a sample description.
   *
   * @throws Mp4Exception {@link Reason#NOT_READ} of a codec that is not carried here
   */
  static SampleEntry read(BoxReader stsd) {
    stsd.versionAndFlags();
    if (stsd.u32() == 0) {
      throw new Mp4Exception(Reason.MISSING, "sample description: empty (expected: an entry)");
    }
    BoxReader entry = stsd.next();
    if (entry == null) {
      throw new Mp4Exception(Reason.MISSING, "sample description: empty (expected: an entry)");
    }
    return switch (entry.type()) {
      case "avc1", "avc3" -> picture(SampleForm.AVC, entry, "avcC");
      case "hvc1", "hev1" -> picture(SampleForm.HEVC, entry, "hvcC");
      case "av01" -> picture(SampleForm.AV1, entry, "av1C");
      case "vp09" -> picture(SampleForm.VP9, entry, "vpcC");
      case "mp4a" -> described(entry);
      case ".mp3" -> new SampleEntry(SampleForm.MP3, null);
      case "ac-3" -> new SampleEntry(SampleForm.AC3, null);
      case "Opus" -> opus(soundBoxes(entry).get("dOps"));
      default ->
          throw new Mp4Exception(
              Reason.NOT_READ,
              "codec: "
                  + entry.type().replaceAll("[^ -~]", "?")
                  + " (expected: avc1, hvc1, hev1, av01, vp09, mp4a, Opus or ac-3)");
    };
  }

  private static SampleEntry picture(SampleForm form, BoxReader entry, String box) {
    byte[] record = config(entry.skip(PICTURE_FIELDS).get(box));
    return new SampleEntry(form, form.header(record));
  }

  private static byte[] config(BoxReader box) {
    if (box.remaining() > MAX_CONFIG_BYTES) {
      throw new Mp4Exception(
          Reason.TOO_MANY,
          "box "
              + box.type()
              + ": "
              + box.remaining()
              + " bytes (expected: at most "
              + MAX_CONFIG_BYTES
              + ")");
    }
    return box.bytes(box.remaining());
  }

  /** The boxes of a sound entry, which in QuickTime files come behind more fields. */
  private static BoxReader soundBoxes(BoxReader entry) {
    entry.skip(8);
    int version = entry.u16();
    entry.skip(SOUND_FIELDS - 2);
    return entry.skip(version == 1 ? SOUND_FIELDS_1 : version == 2 ? SOUND_FIELDS_2 : 0);
  }

  /** ISO/IEC 14496-1 section 7.2.6: descriptors within each other, see {@code media.fmp4}. */
  private static SampleEntry described(BoxReader entry) {
    BoxReader boxes = soundBoxes(entry);
    BoxReader esds = boxes.find("esds");
    BoxReader box = esds == null ? boxes.get("wave", "esds") : esds;
    box.versionAndFlags();
    descriptor(box, DESCRIPTOR_ES);
    int flags = box.skip(2).u8();
    box.skip((flags & 0x80) != 0 ? 2 : 0);
    box.skip((flags & 0x40) != 0 ? box.u8() : 0);
    box.skip((flags & 0x20) != 0 ? 2 : 0);
    descriptor(box, DESCRIPTOR_DECODER);
    int object = box.u8();
    box.skip(12);
    boolean aac =
        object == OBJECT_AAC || (object >= OBJECT_AAC_MAIN_2 && object <= OBJECT_AAC_SSR_2);
    if (object == OBJECT_MP3 || object == OBJECT_MP3_2) {
      return new SampleEntry(SampleForm.MP3, null);
    }
    if (!aac) {
      throw new Mp4Exception(
          Reason.NOT_READ,
          String.format("codec: mp4a, object type 0x%02X (expected: AAC or MP3)", object));
    }
    byte[] record = box.bytes(descriptor(box, DESCRIPTOR_SPECIFIC));
    return new SampleEntry(SampleForm.AAC, SampleForm.AAC.header(record));
  }

  /** The length of a descriptor that must be the next. */
  private static int descriptor(BoxReader box, int expected) {
    int tag = box.u8();
    if (tag != expected) {
      throw new Mp4Exception(
          Reason.CONTRADICTION, "descriptor: " + tag + " (expected: " + expected + ")");
    }
    int length = 0;
    for (int i = 0; i < 4; i++) {
      int some = box.u8();
      length = length << 7 | (some & 0x7F);
      if ((some & 0x80) == 0) {
        break;
      }
    }
    if (length > box.remaining()) {
      throw new Mp4Exception(
          Reason.CUT_SHORT,
          "descriptor: " + length + " bytes (expected: at most " + box.remaining() + ")");
    }
    return length;
  }

  /** OpusHead (RFC 7845) of what MP4 has of it: with its magic, and with numbers the other way. */
  private static SampleEntry opus(BoxReader box) {
    box.u8();
    ByteBuf head = Unpooled.buffer(32);
    head.writeCharSequence("OpusHead", StandardCharsets.US_ASCII);
    head.writeByte(1).writeByte(box.u8()).writeShortLE(box.u16()).writeIntLE(box.s32());
    head.writeShortLE(box.u16()).writeBytes(config(box));
    return new SampleEntry(SampleForm.OPUS, SampleForm.OPUS.header(ByteBufUtil.getBytes(head)));
  }
}
