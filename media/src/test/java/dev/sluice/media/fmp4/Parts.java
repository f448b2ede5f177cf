package dev.sluice.media.fmp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.segment.SegmentPolicy;
import dev.sluice.media.segment.Segmenter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Tags cut into parts as an origin cuts them. */
record Parts(List<Part> all) {
  /** One part and the mark before it. */
  record Part(SegmentMark mark, long endMs, List<FlvTag> tags) {
    byte[] bytes(FlvTag video, FlvTag audio) {
      ByteBuf made = Fragment.of(mark, endMs, tags, video, audio);
      try {
        return ByteBufUtil.getBytes(made);
      } finally {
        made.release();
      }
    }
  }

  static Parts of(Clip clip) {
    return of(clip.video(), clip.audio(), clip.tags(), SegmentPolicy.DEFAULT);
  }

  static Parts of(FlvTag video, FlvTag audio, List<FlvTag> tags, SegmentPolicy policy) {
    Segmenter segmenter = new Segmenter(policy, 1, 0, 1000, 0);
    segmenter.headers(pinned(video), pinned(audio));
    List<Part> parts = new ArrayList<>();
    List<FlvTag> current = new ArrayList<>();
    SegmentMark begun = null;
    for (FlvTag tag : tags) {
      SegmentMark mark = segmenter.before(tag, tag.keyframe());
      if (mark != null) {
        if (begun != null) {
          parts.add(new Part(begun, mark.endMs(), List.copyOf(current)));
        }
        begun = mark;
        current.clear();
      }
      if (begun != null) {
        current.add(tag);
      }
    }
    SegmentMark end = segmenter.end();
    if (begun != null && end != null) {
      parts.add(new Part(begun, end.endMs(), current));
    }
    return new Parts(parts);
  }

  private static FlvTag pinned(FlvTag header) {
    return header == null ? null : SequenceHeaders.pinned(header);
  }

  static SegmentMark mark(long timeMs, long msn, int part, long audioAnchor) {
    return new SegmentMark(
        1, 0, timeMs, msn, part, 0, part == 0, false, false, 2000, 400, audioAnchor, 1, -1, 0, 0);
  }

  /** The init segment and all parts. */
  byte[] file(FlvTag video, FlvTag audio) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(InitSegment.of(video, audio));
    all.forEach(part -> out.writeBytes(part.bytes(video, audio)));
    return out.toByteArray();
  }
}
