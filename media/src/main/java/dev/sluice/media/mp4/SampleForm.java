package dev.sluice.media.mp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How the samples of a codec are FLV tags.
 *
 * <pre>
 * AVC, HEVC  frame 4, codec 4 | packet 8 | composition 24 | NAL units with lengths
 * AV1, VP9   1, frame 3, packet 4 | four characters | frame      (Enhanced RTMP)
 * AAC        0xAF | packet 8 | frame
 * MP3        0x2F | frame
 * Opus, AC-3 9, packet 4 | four characters | frame               (Enhanced RTMP)
 * </pre>
 *
 * <p>Pure.
 */
enum SampleForm {
  AVC(true, 7, ""),
  HEVC(true, 12, ""),
  AV1(true, 0, "av01"),
  VP9(true, 0, "vp09"),
  AAC(false, 0xAF, ""),
  MP3(false, 0x2F, ""),
  OPUS(false, 0, "Opus"),
  AC3(false, 0, "ac-3");

  private static final Charset ASCII = StandardCharsets.US_ASCII;
  private static final int LONGEST_PREFIX = 5;
  private static final int MAX_SHIFT_MS = (1 << 23) - 1;
  private static final int KEYFRAME = 1;
  private static final int INTER = 2;
  private static final int ENHANCED_SOUND = 9;

  private final boolean video;
  private final int code;
  private final String fourCc;

  SampleForm(boolean video, int code, String fourCc) {
    this.video = video;
    this.code = code;
    this.fourCc = fourCc;
  }

  boolean video() {
    return video;
  }

  /** The sequence header; null of codecs that have none. It is pinned. */
  @Nullable FlvTag header(byte[] record) {
    if (this == MP3 || this == AC3) {
      return null;
    }
    ByteBuf body = Unpooled.buffer(LONGEST_PREFIX + record.length);
    prefix(body, true, true, 0);
    body.writeBytes(record);
    return SequenceHeaders.pinned(video ? TagType.VIDEO : TagType.AUDIO, 0, body);
  }

  /**
   * A frame, which the caller owns; it has a copy of the bytes on the heap.
   *
   * @param from where the sample begins, as an index of {@code in}, which is borrowed
   * @param compositionMs of codecs that tell it
   */
  FlvTag frame(long timeMs, int compositionMs, boolean keyframe, ByteBuf in, int from, int bytes) {
    ByteBuf body = Unpooled.buffer(LONGEST_PREFIX + bytes);
    prefix(body, false, keyframe, compositionMs);
    body.writeBytes(in, from, bytes);
    return new FlvTag(video ? TagType.VIDEO : TagType.AUDIO, timeMs, body);
  }

  private void prefix(ByteBuf body, boolean header, boolean keyframe, int compositionMs) {
    int packet = header ? 0 : 1;
    int shift = Math.clamp(compositionMs, -MAX_SHIFT_MS, MAX_SHIFT_MS);
    int frame = (keyframe ? KEYFRAME : INTER) << 4;
    switch (this) {
      case AVC, HEVC -> body.writeByte(frame | code).writeByte(packet).writeMedium(shift);
      case AV1, VP9 -> body.writeByte(0x80 | frame | packet).writeCharSequence(fourCc, ASCII);
      case AAC -> body.writeByte(code).writeByte(packet);
      case MP3 -> body.writeByte(code);
      case OPUS, AC3 ->
          body.writeByte(ENHANCED_SOUND << 4 | packet).writeCharSequence(fourCc, ASCII);
    }
  }
}
