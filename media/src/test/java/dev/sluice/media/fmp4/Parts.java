package dev.sluice.media.fmp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.segment.AudioGrid;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Tags cut into parts in the plainest way: each so long, a segment at each keyframe. */
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

  static Parts of(Clip clip, long partMs) {
    return of(clip.video(), clip.audio(), clip.tags(), partMs);
  }

  static Parts of(FlvTag video, FlvTag audio, List<FlvTag> tags, long partMs) {
    List<Part> parts = new ArrayList<>();
    AudioGrid grid = audio == null ? null : AudioGrid.of(audio);
    List<FlvTag> current = new ArrayList<>();
    SegmentMark mark = null;
    for (FlvTag tag : tags) {
      long timeMs = tag.timestampMs();
      boolean leads = video == null || tag.video();
      boolean cut = mark == null || (leads && (timeMs >= mark.timeMs() + partMs || tag.keyframe()));
      if (cut) {
        if (mark != null) {
          parts.add(new Part(mark, timeMs, List.copyOf(current)));
        }
        boolean newSegment = mark == null || tag.keyframe();
        mark =
            mark(
                timeMs,
                mark == null ? 1000 : newSegment ? mark.msn() + 1 : mark.msn(),
                newSegment ? 0 : mark.part() + 1,
                grid == null ? SegmentMark.NO_AUDIO : grid.next());
        current.clear();
      }
      current.add(tag);
      if (tag.audio() && grid != null) {
        grid.place(tag);
      }
    }
    if (mark != null) {
      parts.add(new Part(mark, tags.getLast().timestampMs() + 40, current));
    }
    return new Parts(parts);
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
