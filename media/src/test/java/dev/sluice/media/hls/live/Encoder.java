package dev.sluice.media.hls.live;

import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.segment.SegmentPolicy;
import dev.sluice.media.segment.Segmenter;
import java.util.ArrayList;
import java.util.List;

/** An encoder and its origin: 25 pictures and 43 sounds a second, with marks. */
final class Encoder {
  static final long FIRST_MSN = 1_796_000_000L;
  static final long WALL_ZERO = 1_796_000_000_000L;
  private static final int FRAME_MS = 40;
  private static final int GOP = 50;
  private static final int AWAY_MS = 120;

  final FlvTag video = pinned(Tags.avcHeader(31));
  final FlvTag audio = pinned(Tags.aacHeader());
  private final Segmenter segmenter;
  private long timeMs;
  private long audioSamples;
  private int frame;
  private boolean begun;

  private static FlvTag pinned(FlvTag header) {
    FlvTag copy = SequenceHeaders.pinned(header);
    header.release();
    return copy;
  }

  Encoder(long incarnation) {
    this(incarnation, FIRST_MSN);
  }

  Encoder(long incarnation, long firstMsn) {
    segmenter = new Segmenter(SegmentPolicy.DEFAULT, incarnation, WALL_ZERO, firstMsn, 1);
  }

  /** Tags of a time span, marks among them, headers first. The caller owns them. */
  List<FlvTag> next(long spanMs) {
    List<FlvTag> out = new ArrayList<>();
    if (!begun) {
      begun = true;
      segmenter.headers(video, audio);
      out.add(video.retain());
      out.add(audio.retain());
    }
    long until = timeMs + spanMs;
    while (timeMs < until) {
      boolean key = frame % GOP == 0;
      FlvTag picture =
          key ? Tags.keyframe(timeMs, frame, 4000) : Tags.inter(timeMs, frame, 900 + frame % 7);
      add(out, picture, key);
      for (long at = audioMs(); at < timeMs + FRAME_MS; at = audioMs()) {
        add(out, Tags.audio(at, (int) (audioSamples / 1024), 180), false);
        audioSamples += 1024;
      }
      frame++;
      timeMs += FRAME_MS;
    }
    return out;
  }

  private long audioMs() {
    return audioSamples * 1000 / 44_100;
  }

  private void add(List<FlvTag> out, FlvTag tag, boolean key) {
    SegmentMark mark = segmenter.before(tag, key);
    if (mark != null) {
      out.add(new FlvTag(TagType.SCRIPT, mark.timeMs(), mark.encode()));
    }
    out.add(tag);
  }

  /** The mark that ends the stretch; the next publisher begins at the next keyframe. */
  List<FlvTag> stop() {
    SegmentMark mark = segmenter.end();
    begun = false;
    frame = 0;
    timeMs += AWAY_MS;
    audioSamples = timeMs * 44_100 / 1000;
    return mark == null
        ? List.of()
        : List.of(new FlvTag(TagType.SCRIPT, mark.timeMs(), mark.encode()));
  }
}
