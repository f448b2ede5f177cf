package dev.sluice.media.ts;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.mp4.FragmentTags;
import dev.sluice.media.mp4.Mp4Exception;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A segment of fragmented MP4 as one of MPEG-TS, with the same frames at the same times: so whoever
 * has the one has the other, and equal segments give equal bytes.
 *
 * <p>The counters of packets begin at 0 in each segment ({@link TsFragment}).
 *
 * <p>Threading: pure.
 */
public final class TsSegment {
  private TsSegment() {}

  /**
   * Makes it.
   *
   * @param init what players of MP4 read before the segment. Borrowed
   * @param segment borrowed
   * @return a buffer of its own that the caller owns; null when a track cannot be put into MPEG-TS
   * @throws Mp4Exception when these are not what {@code media.fmp4} writes
   */
  public static @Nullable ByteBuf of(ByteBuf init, ByteBuf segment) {
    FragmentTags tags = FragmentTags.of(init, segment);
    return refusal(tags.video(), tags.audio()) == null
        ? TsFragment.of(tags.audioAnchor(), tags.tags(), tags.video(), tags.audio())
        : null;
  }

  /**
   * Why a stream cannot be had as MPEG-TS, as a sentence; null when it can. Borrows the tags.
   *
   * @param video the sequence header of the pictures; null without
   * @param audio that of the sound, or any frame of MP3; null without
   */
  public static @Nullable String refusal(@Nullable FlvTag video, @Nullable FlvTag audio) {
    String pictures = video == null ? null : TsFragment.refusal(video);
    return pictures == null && audio != null ? TsFragment.refusal(audio) : pictures;
  }
}
