package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Where in the body of an audio or video tag the codec's own bytes are: of a frame, or of a decoder
 * configuration. Of a body for several tracks it is those of the first. Never reaches past the
 * body, whatever the body says.
 *
 * <p>Threading: pure; immutable.
 *
 * @param codec as the tag names it; old encoders send HEVC as {@link Codec#AVC}, which only the
 *     sequence header's content tells ({@link CodecInfo})
 * @param header whether this is a decoder configuration rather than a frame
 * @param track the track, 0 to 255
 * @param offset from the body's first readable byte, in bytes
 * @param bytes how many; at least 1 for a frame
 * @param compositionMs by how much a picture is shown later than it is decoded, in milliseconds;
 *     may be negative; 0 for sound
 */
public record MediaPayload(
    Codec codec, boolean header, int track, int offset, int bytes, int compositionMs) {

  /** How frames are coded. */
  public enum Codec {
    /** H.264. */
    AVC,
    /** H.265. */
    HEVC,
    /** H.266. */
    VVC,
    /** AV1. */
    AV1,
    /** VP9. */
    VP9,
    /** VP8. */
    VP8,
    /** Pictures of older and unknown codecs. */
    OTHER_VIDEO,
    /** AAC. */
    AAC,
    /** MP3. */
    MP3,
    /** Opus. */
    OPUS,
    /** FLAC. */
    FLAC,
    /** AC-3. */
    AC3,
    /** Enhanced AC-3. */
    EAC3,
    /** Sound of older and unknown codecs. */
    OTHER_AUDIO
  }

  private static final int COMPOSITION_BYTES = 3;
  private static final int NAL_HEADER_BYTES = 5;
  private static final int AAC_HEADER_BYTES = 2;
  private static final int FRAME_COMMAND = 5;
  private static final int LENGTH_BYTES = 3;

  /**
   * What a tag carries.
   *
   * @param tag borrowed
   * @return null for script data, metadata, commands, ends of sequences and bodies without content
   */
  public static @Nullable MediaPayload of(FlvTag tag) {
    if (tag.payloadBytes() < 2) {
      return null;
    }
    return switch (tag.type()) {
      case AUDIO -> audio(tag);
      case VIDEO -> video(tag);
      case SCRIPT -> null;
    };
  }

  private static @Nullable MediaPayload video(FlvTag tag) {
    ByteBuf body = tag.payload();
    int start = body.readerIndex();
    int first = body.getUnsignedByte(start);
    boolean command = (first >> 4 & 7) == FRAME_COMMAND;
    if (command) {
      return null;
    }
    if ((first & 0x80) != 0) {
      return enhancedVideo(tag, TagTraits.exPacket(body, TagTraits.EX_VIDEO_MULTITRACK));
    }
    Codec codec =
        switch (first & 0x0F) {
          case TagTraits.CODEC_AVC -> Codec.AVC;
          case TagTraits.CODEC_HEVC -> Codec.HEVC;
          case TagTraits.CODEC_AV1 -> Codec.AV1;
          default -> Codec.OTHER_VIDEO;
        };
    if (codec == Codec.OTHER_VIDEO) {
      return frame(tag, codec, 1, tag.payloadBytes(), 0);
    }
    if (tag.payloadBytes() < NAL_HEADER_BYTES) {
      return null;
    }
    int end = tag.payloadBytes();
    return switch (body.getByte(start + 1)) {
      case 0 -> header(tag, codec, NAL_HEADER_BYTES, end);
      case 1 -> frame(tag, codec, NAL_HEADER_BYTES, end, body.getMedium(start + 2));
      default -> null;
    };
  }

  private static @Nullable MediaPayload enhancedVideo(FlvTag tag, long packet) {
    int type = TagTraits.exType(packet);
    int end = firstTrackEnd(tag, packet);
    int at = TagTraits.exConfig(packet);
    if (type < 0 || end < at) {
      return null;
    }
    ByteBuf body = tag.payload();
    Codec codec =
        switch (TagTraits.exFourCc(body, packet)) {
          case "avc1" -> Codec.AVC;
          case "hvc1" -> Codec.HEVC;
          case "vvc1" -> Codec.VVC;
          case "av01" -> Codec.AV1;
          case "vp09" -> Codec.VP9;
          case "vp08" -> Codec.VP8;
          default -> Codec.OTHER_VIDEO;
        };
    return switch (type) {
      case TagTraits.EX_SEQUENCE_START -> header(tag, codec, at, end);
      case TagTraits.EX_CODED_FRAMES_X -> frame(tag, codec, at, end, 0);
      case TagTraits.EX_CODED_FRAMES -> {
        boolean timed = codec == Codec.AVC || codec == Codec.HEVC || codec == Codec.VVC;
        if (!timed) {
          yield frame(tag, codec, at, end, 0);
        }
        boolean there = end - at >= COMPOSITION_BYTES;
        yield there
            ? frame(
                tag, codec, at + COMPOSITION_BYTES, end, body.getMedium(body.readerIndex() + at))
            : null;
      }
      default -> null;
    };
  }

  private static @Nullable MediaPayload audio(FlvTag tag) {
    ByteBuf body = tag.payload();
    int first = body.getUnsignedByte(body.readerIndex());
    int end = tag.payloadBytes();
    return switch (first >> 4) {
      case TagTraits.SOUND_ENHANCED ->
          enhancedAudio(tag, TagTraits.exPacket(body, TagTraits.EX_AUDIO_MULTITRACK));
      case TagTraits.SOUND_AAC ->
          body.getByte(body.readerIndex() + 1) == 0
              ? header(tag, Codec.AAC, AAC_HEADER_BYTES, end)
              : frame(tag, Codec.AAC, AAC_HEADER_BYTES, end, 0);
      case TagTraits.SOUND_MP3, TagTraits.SOUND_MP3_8K -> frame(tag, Codec.MP3, 1, end, 0);
      default -> frame(tag, Codec.OTHER_AUDIO, 1, end, 0);
    };
  }

  private static @Nullable MediaPayload enhancedAudio(FlvTag tag, long packet) {
    int type = TagTraits.exType(packet);
    int end = firstTrackEnd(tag, packet);
    int at = TagTraits.exConfig(packet);
    if (type < 0 || end < at) {
      return null;
    }
    Codec codec =
        switch (TagTraits.exFourCc(tag.payload(), packet)) {
          case "mp4a" -> Codec.AAC;
          case ".mp3" -> Codec.MP3;
          case "Opus" -> Codec.OPUS;
          case "fLaC" -> Codec.FLAC;
          case "ac-3" -> Codec.AC3;
          case "ec-3" -> Codec.EAC3;
          default -> Codec.OTHER_AUDIO;
        };
    return switch (type) {
      case TagTraits.EX_SEQUENCE_START -> header(tag, codec, at, end);
      case TagTraits.EX_CODED_FRAMES -> frame(tag, codec, at, end, 0);
      default -> null;
    };
  }

  /** Where the data of the first track ends, from the body's start: at most at the body's end. */
  private static int firstTrackEnd(FlvTag tag, long packet) {
    int end = tag.payloadBytes();
    int at = TagTraits.exConfig(packet);
    if (!TagTraits.exMany(packet) || at > end) {
      return end;
    }
    ByteBuf body = tag.payload();
    int length = body.getUnsignedMedium(body.readerIndex() + at - LENGTH_BYTES);
    return Math.min(end, at + length);
  }

  private static @Nullable MediaPayload frame(
      FlvTag tag, Codec codec, int from, int to, int compositionMs) {
    return to > from
        ? new MediaPayload(codec, false, tag.track(), from, to - from, compositionMs)
        : null;
  }

  private static MediaPayload header(FlvTag tag, Codec codec, int from, int to) {
    return new MediaPayload(codec, true, tag.track(), from, Math.max(0, to - from), 0);
  }
}
