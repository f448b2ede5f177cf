package dev.sluice.media.hls.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.fmp4.Fragment;
import dev.sluice.media.fmp4.InitSegment;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.ts.TsSegment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parts as fragmented MP4. */
final class Fmp4Muxer implements HlsMuxer {
  static final Fmp4Muxer INSTANCE = new Fmp4Muxer();

  private Fmp4Muxer() {}

  @Override
  public byte @Nullable [] init(@Nullable FlvTag video, @Nullable FlvTag audio) {
    return InitSegment.of(video, audio);
  }

  @Override
  public @Nullable String refusal(FlvTag header) {
    return InitSegment.refusal(header);
  }

  @Override
  public String codecs(@Nullable FlvTag video, @Nullable FlvTag audio) {
    return InitSegment.codecs(video, audio);
  }

  @Override
  public ByteBuf part(
      SegmentMark begins,
      long endMs,
      List<FlvTag> tags,
      @Nullable FlvTag video,
      @Nullable FlvTag audio) {
    return Fragment.of(begins, endMs, tags, video, audio);
  }

  @Override
  public @Nullable ByteBuf ts(byte[] init, ByteBuf segment) {
    return TsSegment.of(Unpooled.wrappedBuffer(init), segment);
  }
}
