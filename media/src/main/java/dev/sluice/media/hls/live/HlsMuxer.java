package dev.sluice.media.hls.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes parts of tags. Called on streams' loops; pure. */
interface HlsMuxer {
  /** What players need before parts with these headers; null when they cannot be carried. */
  byte @Nullable [] init(@Nullable FlvTag video, @Nullable FlvTag audio);

  /**
   * Why a track cannot be carried, as a sentence; null when it can.
   *
   * @param header a sequence header, or a frame of a codec without one. Borrowed
   */
  @Nullable String refusal(FlvTag header);

  /** The value of a playlist's {@code CODECS} for these headers. */
  String codecs(@Nullable FlvTag video, @Nullable FlvTag audio);

  /**
   * A part, which the caller owns.
   *
   * @param tags borrowed; with stream time, of the headers' tracks
   */
  ByteBuf part(
      SegmentMark begins,
      long endMs,
      List<FlvTag> tags,
      @Nullable FlvTag video,
      @Nullable FlvTag audio);

  /**
   * A whole segment in MPEG-TS, which the caller owns; null when it cannot be carried.
   *
   * @param init what players need before it
   * @param segment its parts, one behind the other. Borrowed
   */
  @Nullable ByteBuf ts(byte[] init, ByteBuf segment);
}
