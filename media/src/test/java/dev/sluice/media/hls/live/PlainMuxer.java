package dev.sluice.media.hls.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.fmp4.InitSegment;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parts as a line for each tag. */
final class PlainMuxer implements HlsMuxer {
  @Override
  public byte @Nullable [] init(@Nullable FlvTag video, @Nullable FlvTag audio) {
    return ("init " + (video != null) + " " + (audio != null)).getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public @Nullable String refusal(FlvTag header) {
    return InitSegment.refusal(header);
  }

  @Override
  public String codecs(@Nullable FlvTag video, @Nullable FlvTag audio) {
    return "avc1.64001f,mp4a.40.2";
  }

  @Override
  public ByteBuf part(
      SegmentMark begins,
      long endMs,
      List<FlvTag> tags,
      @Nullable FlvTag video,
      @Nullable FlvTag audio) {
    StringBuilder text = new StringBuilder();
    text.append(begins.msn()).append('.').append(begins.part()).append('-').append(endMs);
    for (FlvTag tag : tags) {
      text.append('\n').append(tag.type()).append(tag.timestampMs()).append(' ');
      text.append(tag.payloadBytes());
    }
    text.append('\n');
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Override
  public ByteBuf ts(byte[] init, ByteBuf segment) {
    return Unpooled.copiedBuffer(Unpooled.copiedBuffer("ts ", StandardCharsets.US_ASCII), segment);
  }
}
