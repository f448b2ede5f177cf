package dev.sluice.media.hls.live;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.segment.SegmentMark;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a multivariant playlist says of a stream: its bit rate by segments, and its frame
 * rate.
 *
 * <p>Threading: confined to the stream's loop.
 */
final class StreamPace {
  private static final int LEAST_MS = 300;

  /** A guess from less than a segment, which a keyframe began, may be too low. */
  private static final double MARGIN = 1.2;

  private static final double BOX_OVERHEAD = 1.03;

  private long segmentBytes;
  private long segmentBeganMs = -1;
  private long peakBits;
  private long totalBytes;
  private long totalMs;
  private long partBeganMs = -1;
  private long newestMs;
  private int frames;
  private long frameMs;
  private long lastFrameMs = -1;

  /** What a playlist may say of the stream, as {@code EXT-X-STREAM-INF} does. */
  record Variant(
      long bandwidth, long average, String codecs, int width, int height, double frameRate) {
    /** Whether it names all codecs of another; it may have more. */
    boolean tells(Variant other) {
      return List.of(codecs.split(",")).containsAll(List.of(other.codecs.split(",")));
    }
  }

  void forget() {
    segmentBytes = 0;
    segmentBeganMs = -1;
    peakBits = 0;
    totalBytes = 0;
    totalMs = 0;
    frames = 0;
    frameMs = 0;
    lastFrameMs = -1;
  }

  void add(FlvTag tag) {
    segmentBytes += tag.payloadBytes();
    newestMs = tag.timestampMs();
    if (tag.video() && tag.track() == 0) {
      long since = lastFrameMs < 0 ? 0 : newestMs - lastFrameMs;
      lastFrameMs = newestMs;
      if (since > 0 && since < 1000) {
        frames++;
        frameMs += since;
      }
    }
  }

  void mark(SegmentMark mark) {
    if (mark.part() == 0) {
      long ms = mark.endMs() - segmentBeganMs;
      if (segmentBeganMs >= 0 && ms >= LEAST_MS) {
        peakBits = Math.max(peakBits, segmentBytes * 8000 / ms);
        totalBytes += segmentBytes;
        totalMs += ms;
      }
      segmentBytes = 0;
      segmentBeganMs = mark.endsStretch() ? -1 : mark.timeMs();
    }
    partBeganMs = mark.timeMs();
  }

  /** Whether a whole segment was measured. */
  boolean hasSegment() {
    return totalMs > 0;
  }

  /** As measured so far; null while it is too early. */
  @Nullable Variant variant(MuxedTracks tracks, HlsMuxer muxer) {
    long ms = partBeganMs - segmentBeganMs;
    boolean begun = segmentBeganMs >= 0 && ms >= LEAST_MS;
    if (!tracks.isKnown() || (totalMs == 0 && !begun)) {
      return null;
    }
    long average = totalMs > 0 ? totalBytes * 8000 / totalMs : segmentBytes * 8000 / ms;
    long peak = totalMs > 0 ? peakBits : average;
    FlvTag header = tracks.video();
    CodecInfo picture = header == null ? null : CodecInfo.of(header);
    return new Variant(
        rounded(peak * BOX_OVERHEAD * MARGIN),
        rounded(average * BOX_OVERHEAD),
        muxer.codecs(tracks.video(), tracks.audio()),
        picture == null ? 0 : picture.width(),
        picture == null ? 0 : picture.height(),
        frameMs == 0 ? 0 : Math.round(frames * 1000_000.0 / frameMs) / 1000.0);
  }

  private static long rounded(double bits) {
    return Math.max(1, (long) Math.ceil(bits / 1000)) * 1000;
  }
}
