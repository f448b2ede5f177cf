package dev.sluice.media.flv;

import dev.sluice.media.flv.MediaPayload.Codec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Counts the samples of an audio track: FLV's milliseconds are too coarse to say where one frame
 * ends and the next begins. AAC has 1024 samples a frame (the core's, at the core's rate, when SBR
 * doubles them), MP3 1152 or 576, AC-3 1536; Opus and FLAC say it in each frame.
 *
 * <p>Threading: pure; immutable.
 */
public final class AudioFrames {
  private static final int OPUS_RATE = 48000;
  private static final int MAX_OPUS_SAMPLES = 5760;
  private static final int AC3_SAMPLES = 1536;
  private static final int[] OPUS_SILK = {480, 960, 1920, 2880};
  private static final int[] OPUS_CELT = {120, 240, 480, 960};

  private final Codec codec;
  private final int rate;
  private final int channels;
  private final int samples;

  private AudioFrames(Codec codec, int rate, int channels, int samples) {
    this.codec = codec;
    this.rate = rate;
    this.channels = channels;
    this.samples = samples;
  }

  /**
   * How long the frames of a track are.
   *
   * @param header its sequence header; of a codec without one (MP3, AC-3) any of its frames.
   *     Borrowed
   * @return null when samples of this codec cannot be counted, or the header is damaged
   */
  public static @Nullable AudioFrames of(FlvTag header) {
    MediaPayload said = tag(header);
    if (said == null) {
      return null;
    }
    ByteBuf body = header.payload();
    int at = body.readerIndex() + said.offset();
    int end = at + said.bytes();
    AudioFrames clock =
        switch (said.codec()) {
          case AAC -> said.header() ? aac(body, at, end) : null;
          case OPUS -> new AudioFrames(Codec.OPUS, OPUS_RATE, opusChannels(body, at, end), 0);
          case FLAC -> said.header() ? flac(body, at, end) : null;
          case MP3 -> mp3(body, at, end);
          case AC3 -> ac3(body, at, end);
          case EAC3, OTHER_AUDIO, OTHER_VIDEO, AVC, HEVC, VVC, AV1, VP9, VP8 -> null;
        };
    return clock == null || clock.rate <= 0 ? null : clock;
  }

  private static @Nullable MediaPayload tag(FlvTag tag) {
    return tag.audio() ? MediaPayload.of(tag) : null;
  }

  /** Samples a second: the timescale. */
  public int rate() {
    return rate;
  }

  /** Channels; 0 when not told. */
  public int channels() {
    return channels;
  }

  /**
   * Samples of a frame.
   *
   * @param tag borrowed
   * @return 0 when it has none: a header, another codec, a frame whose length cannot be read
   */
  public int samples(FlvTag tag) {
    MediaPayload said = tag(tag);
    return said == null ? 0 : samples(tag, said);
  }

  /** The same, where what the tag carries was looked up already. Borrows it. */
  public int samples(FlvTag tag, MediaPayload said) {
    if (said.header() || said.codec() != codec) {
      return 0;
    }
    ByteBuf body = tag.payload();
    int at = body.readerIndex() + said.offset();
    return switch (codec) {
      case OPUS -> opusSamples(body, at, at + said.bytes());
      case FLAC -> FlacFrame.samples(body, at, at + said.bytes(), samples);
      case AAC, MP3, AC3 -> samples;
      case EAC3, OTHER_AUDIO, OTHER_VIDEO, AVC, HEVC, VVC, AV1, VP9, VP8 -> 0;
    };
  }

  private static @Nullable AudioFrames aac(ByteBuf body, int at, int end) {
    AudioConfig.Aac said = AudioConfig.readAac(body, at, end);
    return said == null
        ? null
        : new AudioFrames(Codec.AAC, said.coreRate(), said.channels(), said.frameSamples());
  }

  private static @Nullable AudioFrames flac(ByteBuf body, int at, int end) {
    int info = FlacFrame.streamInfo(body, at, end);
    if (info < 0) {
      return null;
    }
    return new AudioFrames(
        Codec.FLAC,
        FlacFrame.rate(body, info),
        FlacFrame.channels(body, info),
        body.getUnsignedShort(info + 2));
  }

  private static int opusChannels(ByteBuf body, int at, int end) {
    return end - at >= AudioConfig.OPUS_HEAD_BYTES ? body.getUnsignedByte(at + 9) : 0;
  }

  /** RFC 6716 section 3.1: configuration 5 bits | stereo 1 | count code 2. */
  private static int opusSamples(ByteBuf body, int at, int end) {
    int toc = body.getUnsignedByte(at);
    int config = toc >> 3;
    int each =
        config < 12
            ? OPUS_SILK[config & 3]
            : config < 16 ? OPUS_SILK[config & 1] : OPUS_CELT[config & 3];
    int frames =
        switch (toc & 3) {
          case 0 -> 1;
          case 1, 2 -> 2;
          default -> end - at < 2 ? 0 : body.getByte(at + 1) & 0x3F;
        };
    return Math.min(each * frames, MAX_OPUS_SAMPLES);
  }

  /** MPEG audio header: sync 11 | version 2 | layer 2 | crc 1 | bitrate 4 | rate 2 | ... mode 2. */
  private static @Nullable AudioFrames mp3(ByteBuf body, int at, int end) {
    if (end - at < 4) {
      return null;
    }
    int head = body.getInt(at);
    int version = head >> 19 & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
    int layer = head >> 17 & 3; // 1: III, 2: II, 3: I
    int index = head >> 10 & 3;
    if ((head >>> 21) != 0x7FF || version == 1 || layer == 0 || index == 3) {
      return null;
    }
    int rate = (index == 0 ? 44100 : index == 1 ? 48000 : 32000) >> (version == 3 ? 0 : 1);
    int samples = layer == 3 ? 384 : layer == 1 && version != 3 ? 576 : 1152;
    int channels = (head >> 6 & 3) == 3 ? 1 : 2;
    return new AudioFrames(Codec.MP3, version == 0 ? rate / 2 : rate, channels, samples);
  }

  /** ATSC A/52 section 5.3: sync word 16 | crc 16 | rate 2 | size 6 | id 5 | mode 3 | acmod 3. */
  private static @Nullable AudioFrames ac3(ByteBuf body, int at, int end) {
    if (end - at < 7 || body.getUnsignedShort(at) != 0x0B77) {
      return null;
    }
    int rate =
        switch (body.getUnsignedByte(at + 4) >> 6) {
          case 0 -> 48000;
          case 1 -> 44100;
          case 2 -> 32000;
          default -> 0;
        };
    return new AudioFrames(Codec.AC3, rate, 0, AC3_SAMPLES);
  }
}
