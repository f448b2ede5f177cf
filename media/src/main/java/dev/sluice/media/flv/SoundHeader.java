package dev.sluice.media.flv;

import dev.sluice.media.flv.MediaPayload.Codec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the sequence header of sound that has none, MP3 and AC-3: made of a frame's own
 * header, without what changes from frame to frame (bit rate, padding, stereo mode, checksum, mix
 * levels). Equal for all frames of a track, so that it names the track's configuration.
 *
 * <pre>
 * MP3   0x2F | sync 11, version 2, layer 2, 1 | 0000, rate 2, 00 | 01 or, mono, 11, 000000
 * AC-3  0x91 "ac-3" | 0B77 | 0000 | rate 2, size 5, 0 | id, mode | channels 3 and low frequencies
 * </pre>
 *
 * <p>Pure.
 */
public final class SoundHeader {
  private static final int MP3_TAG = 0x2F;
  private static final int MP3_KEPT = 0xFFFE0C00;
  private static final int MP3_NO_CHECKSUM = 1 << 16;
  private static final int MP3_MODE = 0xC0;
  private static final int MP3_JOINT = 0x40;
  private static final int AC3_TAG = 0x91;
  private static final int AC3_BYTES = 7;

  private SoundHeader() {}

  /**
   * Makes it.
   *
   * @param frame borrowed
   * @return pinned; null of a tag that is no frame of such a codec, or not of track 0
   */
  public static @Nullable FlvTag of(FlvTag frame) {
    MediaPayload said = frame.audio() && frame.track() == 0 ? MediaPayload.of(frame) : null;
    boolean without =
        said != null
            && !said.header()
            && (said.codec() == Codec.MP3 || said.codec() == Codec.AC3)
            && AudioFrames.of(frame) != null;
    if (said == null || !without) {
      return null;
    }
    ByteBuf body = frame.payload();
    int at = body.readerIndex() + said.offset();
    ByteBuf out = said.codec() == Codec.MP3 ? mp3(body.getInt(at)) : ac3(body, at);
    return SequenceHeaders.pinned(TagType.AUDIO, frame.timestampMs(), out);
  }

  private static ByteBuf mp3(int head) {
    int mode = (head & MP3_MODE) == MP3_MODE ? MP3_MODE : MP3_JOINT;
    return Unpooled.buffer(5)
        .writeByte(MP3_TAG)
        .writeInt((head & MP3_KEPT) | MP3_NO_CHECKSUM | mode);
  }

  /** What is behind the channels' mode are mix levels, as many as the mode has, then the flag. */
  private static ByteBuf ac3(ByteBuf body, int at) {
    int more = body.getUnsignedByte(at + 6);
    int channels = more >> 5;
    boolean centre = (channels & 1) != 0 && channels != 1;
    int levels = (centre ? 2 : 0) + ((channels & 4) != 0 ? 2 : 0) + (channels == 2 ? 2 : 0);
    ByteBuf out = Unpooled.buffer(5 + AC3_BYTES).writeByte(AC3_TAG);
    out.writeCharSequence("ac-3", StandardCharsets.US_ASCII);
    out.writeShort(body.getUnsignedShort(at)).writeShort(0);
    out.writeByte(body.getByte(at + 4) & 0xFE).writeByte(body.getByte(at + 5));
    return out.writeByte(more & (0xE0 | 1 << (4 - levels)));
  }
}
