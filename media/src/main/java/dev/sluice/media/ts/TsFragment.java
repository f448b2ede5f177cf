package dev.sluice.media.ts;

import dev.sluice.media.flv.AudioFrames;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.DecoderConfig;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.MediaPayload;
import dev.sluice.media.flv.MediaPayload.Codec;
import dev.sluice.media.segment.AudioGrid;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One part of a segment as MPEG-TS: H.264 or H.265 pictures with AAC or MP3 sound. A segment is its
 * parts, one behind the other.
 *
 * <p>Each part begins with the tables, and needs no other: the counters of packets start at 0 with
 * the flag that says so, which makes a part a function of its mark and tags alone. Times are those
 * of {@code media.fmp4} in 90 kHz, modulo 2^33. A picture that would be shown before it is decoded
 * is shown when it is.
 *
 * <p>Threading: pure.
 */
public final class TsFragment {
  /** Most bytes of tags in one part. */
  public static final int MAX_BYTES = 512 << 20;

  private static final int TYPE_AVC = 0x1B;
  private static final int TYPE_HEVC = 0x24;
  private static final int TYPE_AAC = 0x0F;
  private static final int TYPE_MP3 = 0x03;
  private static final int TYPE_MP3_LOW_RATES = 0x04;
  private static final int LOWEST_MPEG_1_RATE = 32_000;
  private static final int UNITS_PER_MS = 90;
  private static final long UNITS = 90_000;

  /** How long before its picture the clock is told, in 90 kHz. */
  private static final long LEAD = 100 * UNITS_PER_MS;

  /** Sound is put together up to this length. */
  private static final int GROUP_BYTES = 2048;

  private static final int PACKETS_MORE = 4;

  private final TsWriter out;
  private final @Nullable AnnexB pictures;
  private final @Nullable DecoderConfig video;
  private final @Nullable DecoderConfig audio;
  private final @Nullable Adts adts;
  private final @Nullable AudioGrid grid;
  private final ByteBuf scratch = Unpooled.buffer();
  private final ByteBuf group = Unpooled.buffer(GROUP_BYTES);
  private long groupPts;
  private long groupEnd;
  private long decoded = Long.MIN_VALUE;

  private TsFragment(
      ByteBuf to,
      @Nullable DecoderConfig video,
      @Nullable DecoderConfig audio,
      @Nullable AudioGrid grid) {
    this.out = new TsWriter(to);
    this.video = video;
    this.audio = audio;
    this.pictures =
        video == null
            ? null
            : video.codec() == Codec.AVC ? AnnexB.avc(video.record()) : AnnexB.hevc(video.record());
    this.adts = audio == null || audio.codec() != Codec.AAC ? null : Adts.of(audio.record());
    this.grid = grid;
  }

  /**
   * Makes it.
   *
   * @param begins the mark before the part
   * @param tags what is between this mark and the next, with stream time, in the order of the
   *     stream. Borrowed; headers and script data among them are passed by
   * @param videoHeader the picture track's sequence header, borrowed; null without pictures
   * @param audioHeader the sound track's, or any frame of MP3, borrowed; null without sound
   * @return a buffer of its own that the caller owns
   * @throws IllegalArgumentException past {@link #MAX_BYTES}
   */
  public static ByteBuf of(
      SegmentMark begins,
      List<FlvTag> tags,
      @Nullable FlvTag videoHeader,
      @Nullable FlvTag audioHeader) {
    return of(begins.audioAnchor(), tags, videoHeader, audioHeader);
  }

  /** The same of a part whose first sound lies at {@code audioAnchor}. */
  static ByteBuf of(
      long audioAnchor,
      List<FlvTag> tags,
      @Nullable FlvTag videoHeader,
      @Nullable FlvTag audioHeader) {
    DecoderConfig video = carried(videoHeader);
    DecoderConfig audio = carried(audioHeader);
    AudioGrid grid = audio == null || audioHeader == null ? null : AudioGrid.of(audioHeader);
    long bytes = 0;
    for (FlvTag tag : tags) {
      bytes += tag.payloadBytes() + TsWriter.PACKET_BYTES;
    }
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "part: " + bytes + " bytes of tags (expected: at most " + MAX_BYTES + ")");
    }
    int packets = (int) bytes / (TsWriter.PACKET_BYTES - PACKETS_MORE) + PACKETS_MORE;
    ByteBuf to = ByteBufAllocator.DEFAULT.buffer(packets * TsWriter.PACKET_BYTES);
    TsFragment part = new TsFragment(to, video, audio, grid);
    part.out.tables(type(video, null), type(audio, audioHeader));
    if (grid != null) {
      grid.anchor(audioAnchor);
    }
    for (FlvTag tag : tags) {
      part.add(tag);
    }
    part.flush();
    return to;
  }

  /**
   * Why a track is left out, as a sentence for the operator; null when it is carried.
   *
   * @param header a sequence header, or any frame of a codec without one. Borrowed
   */
  public static @Nullable String refusal(FlvTag header) {
    if (carried(header) != null) {
      return null;
    }
    CodecInfo info = CodecInfo.of(header);
    return "%s of codec %s cannot be put into MPEG-TS; expected: %s."
        .formatted(
            header.video() ? "Pictures" : "Sound",
            info == null ? "unknown" : info.codec(),
            header.video() ? "H.264 or H.265" : "AAC of up to eight channels or MP3");
  }

  private static @Nullable DecoderConfig carried(@Nullable FlvTag header) {
    DecoderConfig config = header == null ? null : DecoderConfig.of(header);
    if (config == null) {
      return null;
    }
    return switch (config.codec()) {
      case AVC, HEVC -> config;
      case AAC -> counted(header) && Adts.of(config.record()) != null ? config : null;
      case MP3 -> counted(header) ? config : null;
      case AV1, VP9, VP8, VVC, OPUS, FLAC, AC3, EAC3, OTHER_AUDIO, OTHER_VIDEO -> null;
    };
  }

  private static boolean counted(@Nullable FlvTag header) {
    return header != null && AudioFrames.of(header) != null;
  }

  private static int type(@Nullable DecoderConfig config, @Nullable FlvTag header) {
    if (config == null) {
      return 0;
    }
    return switch (config.codec()) {
      case AVC -> TYPE_AVC;
      case HEVC -> TYPE_HEVC;
      case AAC -> TYPE_AAC;
      default -> {
        AudioFrames frames = header == null ? null : AudioFrames.of(header);
        boolean low = frames != null && frames.rate() < LOWEST_MPEG_1_RATE;
        yield low ? TYPE_MP3_LOW_RATES : TYPE_MP3;
      }
    };
  }

  private void add(FlvTag tag) {
    AnnexB to = pictures;
    AudioGrid on = grid;
    if (tag.video() && video != null && to != null) {
      MediaPayload frame = video.frame(tag);
      if (frame != null) {
        picture(tag, frame, to);
      }
    } else if (tag.audio() && audio != null && on != null) {
      MediaPayload frame = audio.frame(tag);
      if (frame != null) {
        sound(tag, frame, on);
      }
    }
  }

  private void picture(FlvTag tag, MediaPayload frame, AnnexB to) {
    scratch.clear();
    int from = tag.payload().readerIndex() + frame.offset();
    if (!to.write(tag.payload(), from, frame.bytes(), tag.keyframe(), scratch)) {
      return;
    }
    long time = tag.timestampMs() * UNITS_PER_MS;
    long dts = Math.max(time, decoded + 1);
    long pts = Math.max(dts, time + (long) frame.compositionMs() * UNITS_PER_MS);
    decoded = dts;
    if (dts > groupPts + LEAD / 2) {
      flush(); // sound must not come later than the clock says it is heard
    }
    out.pes(
        TsWriter.VIDEO_PID,
        TsWriter.VIDEO_STREAM,
        pts,
        dts,
        tag.keyframe(),
        Math.max(0, dts - LEAD),
        scratch);
  }

  private void sound(FlvTag tag, MediaPayload frame, AudioGrid on) {
    if (adts != null && !Adts.fits(frame.bytes())) {
      return;
    }
    long place = on.place(tag);
    if (group.isReadable()
        && (place != groupEnd || group.readableBytes() + frame.bytes() > GROUP_BYTES)) {
      flush();
    }
    if (!group.isReadable()) {
      groupPts = inUnits(place, on.rate());
    }
    groupEnd = on.next();
    if (adts != null) {
      adts.write(group, frame.bytes());
    }
    group.writeBytes(tag.payload(), tag.payload().readerIndex() + frame.offset(), frame.bytes());
  }

  private static long inUnits(long place, int rate) {
    return place / rate * UNITS + (place % rate * UNITS + rate / 2) / rate;
  }

  /** Writes the sound that was put together. */
  private void flush() {
    if (!group.isReadable()) {
      return;
    }
    long pcr = video == null ? Math.max(0, groupPts - LEAD) : TsWriter.NO_PCR;
    out.pes(
        TsWriter.AUDIO_PID, TsWriter.AUDIO_STREAM, groupPts, groupPts, video == null, pcr, group);
    group.clear();
  }
}
