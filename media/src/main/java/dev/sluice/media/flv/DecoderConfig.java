package dev.sluice.media.flv;

import dev.sluice.media.flv.MediaPayload.Codec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder must be given before the first frame, taken out of the tag that carries it and in
 * the one form that other containers use:
 *
 * <pre>
 * AVC, HEVC, AV1, VP9  configuration record (ISO/IEC 14496-15, AV1-ISOBMFF, VP9-ISOBMFF)
 * AAC                  AudioSpecificConfig
 * OPUS                 OpusHead with its magic (RFC 7845)
 * FLAC                 STREAMINFO
 * MP3, AC3             the header of a frame, as there is nothing else: 4 and 7 bytes
 * </pre>
 *
 * <p>Threading: pure; immutable.
 */
public final class DecoderConfig {
  private static final int AVC_BYTES = 7;
  private static final int HEVC_BYTES = 23;
  private static final int AV1_BYTES = 4;
  private static final int AAC_BYTES = 2;
  private static final int MP3_BYTES = 4;
  private static final int AC3_BYTES = 7;

  /** Longest configuration that is taken, in bytes. */
  private static final int MAX_BYTES = 64 << 10;

  private static final long OPUS_MAGIC = 0x4F70757348656164L; // "OpusHead"

  private final Codec codec;
  private final Codec named;
  private final int track;
  private final byte[] record;

  private DecoderConfig(Codec codec, MediaPayload said, byte[] record) {
    this.codec = codec;
    this.named = said.codec();
    this.track = said.track();
    this.record = record;
  }

  /**
   * Takes it out of a tag.
   *
   * @param header a sequence header; of MP3 and AC-3, which have none, any frame. Borrowed
   * @return null when it is none, is cut short or is that of a codec with no form known here
   */
  public static @Nullable DecoderConfig of(FlvTag header) {
    MediaPayload said = MediaPayload.of(header);
    if (said == null || (said.bytes() > MAX_BYTES && said.header())) {
      return null;
    }
    ByteBuf body = header.payload();
    int at = body.readerIndex() + said.offset();
    int end = at + said.bytes();
    return switch (said.codec()) {
      case AVC -> said.header() ? avcOrHevc(header, said, at, end) : null;
      case HEVC -> said.header() ? whole(Codec.HEVC, said, body, at, end, HEVC_BYTES) : null;
      case AV1 -> said.header() ? whole(Codec.AV1, said, body, at, end, AV1_BYTES) : null;
      case VP9 -> said.header() ? vp9(said, body, at, end) : null;
      case AAC -> said.header() ? whole(Codec.AAC, said, body, at, end, AAC_BYTES) : null;
      case OPUS -> said.header() ? opus(said, body, at, end) : null;
      case FLAC -> said.header() ? flac(said, body, at, end) : null;
      case MP3 -> whole(Codec.MP3, said, body, at, Math.min(end, at + MP3_BYTES), MP3_BYTES);
      case AC3 -> whole(Codec.AC3, said, body, at, Math.min(end, at + AC3_BYTES), AC3_BYTES);
      case VVC, VP8, EAC3, OTHER_AUDIO, OTHER_VIDEO -> null;
    };
  }

  /** The codec; HEVC also when an old encoder sends it under the name of AVC. */
  public Codec codec() {
    return codec;
  }

  /**
   * What a tag holds of the track that this configures: a frame of the codec.
   *
   * @param tag borrowed
   * @return null when it is of another track, or no frame
   */
  public @Nullable MediaPayload frame(FlvTag tag) {
    if (tag.script() || tag.sequenceHeader() || tag.track() != track) {
      return null;
    }
    MediaPayload said = MediaPayload.of(tag);
    return said == null || said.header() || said.codec() != named ? null : said;
  }

  /** A copy of the bytes. */
  public byte[] record() {
    return record.clone();
  }

  private static @Nullable DecoderConfig avcOrHevc(
      FlvTag header, MediaPayload said, int at, int end) {
    CodecInfo info = CodecInfo.of(header);
    boolean hevc = info != null && info.codec().equals("h265");
    return hevc
        ? whole(Codec.HEVC, said, header.payload(), at, end, HEVC_BYTES)
        : whole(Codec.AVC, said, header.payload(), at, end, AVC_BYTES);
  }

  private static @Nullable DecoderConfig vp9(MediaPayload said, ByteBuf body, int at, int end) {
    int record = VideoConfig.vp9Record(body, at, end);
    return record < 0 ? null : whole(Codec.VP9, said, body, record, end, 0);
  }

  private static @Nullable DecoderConfig opus(MediaPayload said, ByteBuf body, int at, int end) {
    boolean magic = end - at >= AudioConfig.OPUS_HEAD_BYTES && body.getLong(at) == OPUS_MAGIC;
    return magic ? whole(Codec.OPUS, said, body, at, end, 0) : null;
  }

  private static @Nullable DecoderConfig flac(MediaPayload said, ByteBuf body, int at, int end) {
    int info = FlacFrame.streamInfo(body, at, end);
    return info < 0 ? null : whole(Codec.FLAC, said, body, info, info + FlacFrame.INFO_BYTES, 0);
  }

  private static @Nullable DecoderConfig whole(
      Codec codec, MediaPayload said, ByteBuf body, int at, int end, int atLeast) {
    return end - at < atLeast
        ? null
        : new DecoderConfig(codec, said, ByteBufUtil.getBytes(body, at, end - at));
  }
}
