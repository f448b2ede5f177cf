package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stream announces of its codec.
 *
 * @param codec short name: h264, h265, av1, vp9, vp8, vp6, h263, screen, aac, mp3, opus, flac, ac3,
 *     eac3, g711a, g711u, speex, nellymoser, pcm, or unknown
 * @param rfc6381 name for a browser, such as {@code avc1.64001f}; the short name where none is
 *     known
 * @param width picture width in pixels, 0 for audio or when not told
 * @param height picture height in pixels, 0 for audio or when not told
 * @param sampleRate samples per second, 0 for video or when not told
 * @param channels audio channels, 0 for video or when not told
 */
public record CodecInfo(
    String codec, String rfc6381, int width, int height, int sampleRate, int channels) {

  /** Every name that {@link #codec} can be. */
  public static final Set<String> CODECS =
      Set.of(
          "h264",
          "h265",
          "h266",
          "av1",
          "vp9",
          "vp8",
          "h263",
          "vp6",
          "screen",
          "aac",
          "opus",
          "mp3",
          "flac",
          "ac3",
          "eac3",
          "g711a",
          "g711u",
          "speex",
          "nellymoser",
          "pcm",
          "unknown");

  /** What a browser's name is when the header ends before it says the profile. */
  private static final Set<String> CUT_SHORT = Set.of("avc1", "hvc1", "av01");

  /** Its name is one of {@link #CODECS}. */
  public CodecInfo {
    assert CODECS.contains(codec) : codec;
  }

  /**
   * Reads what a tag announces: a sequence header, or any tag of a codec that has no sequence
   * header. A damaged header still gives the codec's name, with zeros.
   *
   * @param tag borrowed
   * @return null when the tag announces nothing
   */
  public static @Nullable CodecInfo of(FlvTag tag) {
    if (tag.payloadBytes() < 2) {
      return null;
    }
    return switch (tag.type()) {
      case AUDIO -> audio(tag);
      case VIDEO -> video(tag);
      case SCRIPT -> null;
    };
  }

  /** Whether a sequence header of video has at least what its form begins with. Borrows it. */
  public static boolean wholeHeader(FlvTag tag) {
    CodecInfo said = of(tag);
    return said == null || !CUT_SHORT.contains(said.rfc6381());
  }

  static CodecInfo picture(String codec, String rfc6381, int width, int height) {
    return new CodecInfo(codec, rfc6381, width, height, 0, 0);
  }

  static CodecInfo sound(String codec, String rfc6381, int sampleRate, int channels) {
    return new CodecInfo(codec, rfc6381, 0, 0, sampleRate, channels);
  }

  private static @Nullable CodecInfo video(FlvTag tag) {
    ByteBuf body = tag.payload();
    int first = body.getUnsignedByte(body.readerIndex());
    if ((first & 0x80) != 0) {
      return tag.sequenceHeader()
          ? enhancedVideo(body, TagTraits.exPacket(body, TagTraits.EX_VIDEO_MULTITRACK))
          : null;
    }
    int config = body.readerIndex() + 5;
    return switch (first & 0x0F) {
      case TagTraits.CODEC_AVC -> tag.sequenceHeader() ? VideoConfig.avcOrHevc(body, config) : null;
      case TagTraits.CODEC_HEVC -> tag.sequenceHeader() ? VideoConfig.hevc(body, config) : null;
      case TagTraits.CODEC_AV1 -> tag.sequenceHeader() ? VideoConfig.av1(body, config) : null;
      case 2 -> tag.keyframe() ? picture("h263", "h263", 0, 0) : null;
      case 3, 6 -> tag.keyframe() ? picture("screen", "screen", 0, 0) : null;
      case 4, 5 -> tag.keyframe() ? picture("vp6", "vp6", 0, 0) : null;
      default -> tag.keyframe() ? picture("unknown", "unknown", 0, 0) : null;
    };
  }

  private static CodecInfo enhancedVideo(ByteBuf body, long packet) {
    int fourCc = body.readerIndex() + TagTraits.exOffset(packet);
    int config = Math.min(body.readerIndex() + TagTraits.exConfig(packet), body.writerIndex());
    return switch (fourCc(body, fourCc)) {
      case "avc1" -> VideoConfig.avcOrHevc(body, config);
      case "hvc1" -> VideoConfig.hevc(body, config);
      case "av01" -> VideoConfig.av1(body, config);
      case "vp09" -> VideoConfig.vp9(body, config);
      case "vp08" -> picture("vp8", "vp08", 0, 0);
      case "vvc1" -> picture("h266", "vvc1", 0, 0);
      default -> picture("unknown", "unknown", 0, 0);
    };
  }

  private static @Nullable CodecInfo audio(FlvTag tag) {
    ByteBuf body = tag.payload();
    int first = body.getUnsignedByte(body.readerIndex());
    int sampleRate = 44100 >> (3 - (first >> 2 & 3)); // 5512, 11025, 22050, 44100
    int channels = (first & 1) + 1;
    return switch (first >> 4) {
      case TagTraits.SOUND_AAC ->
          tag.sequenceHeader() ? AudioConfig.aac(body, body.readerIndex() + 2) : null;
      case TagTraits.SOUND_ENHANCED ->
          tag.sequenceHeader()
              ? enhancedAudio(body, TagTraits.exPacket(body, TagTraits.EX_AUDIO_MULTITRACK))
              : null;
      case 2 -> sound("mp3", "mp3", sampleRate, channels);
      case 14 -> sound("mp3", "mp3", 8000, channels);
      case 7 -> sound("g711a", "g711a", 8000, channels);
      case 8 -> sound("g711u", "g711u", 8000, channels);
      case 11 -> sound("speex", "speex", 16000, 1);
      case 4, 5, 6 -> sound("nellymoser", "nellymoser", sampleRate, channels);
      case 0, 1, 3 -> sound("pcm", "pcm", sampleRate, channels);
      default -> sound("unknown", "unknown", sampleRate, channels);
    };
  }

  private static CodecInfo enhancedAudio(ByteBuf body, long packet) {
    int fourCc = body.readerIndex() + TagTraits.exOffset(packet);
    int config = Math.min(body.readerIndex() + TagTraits.exConfig(packet), body.writerIndex());
    return switch (fourCc(body, fourCc)) {
      case "mp4a" -> AudioConfig.aac(body, config);
      case "Opus" -> AudioConfig.opus(body, config);
      case "fLaC" -> AudioConfig.flac(body, config);
      case "ac-3" -> sound("ac3", "ac-3", 0, 0);
      case "ec-3" -> sound("eac3", "ec-3", 0, 0);
      case ".mp3" -> sound("mp3", "mp3", 0, 0);
      default -> sound("unknown", "unknown", 0, 0);
    };
  }

  private static String fourCc(ByteBuf body, int at) {
    return body.toString(at, 4, StandardCharsets.ISO_8859_1);
  }
}
