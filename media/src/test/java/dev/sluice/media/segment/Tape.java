package dev.sluice.media.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A stream with its marks, as an edge has it, and what must hold of every one. */
final class Tape {
  static final FlvTag VIDEO = header(TagType.VIDEO, 0x17, 0, 0, 0, 0, 1, 100, 0, 31);
  static final FlvTag OTHER_VIDEO = header(TagType.VIDEO, 0x17, 0, 0, 0, 0, 1, 66, 0, 30);

  /** AAC-LC at 44100 Hz. */
  static final FlvTag AAC = header(TagType.AUDIO, 0xAF, 0, 0x12, 0x10);

  /** AAC-LC at 48000 Hz. */
  static final FlvTag OTHER_AAC = header(TagType.AUDIO, 0xAF, 0, 0x11, 0x90);

  /** A mark or a media tag. */
  private record Item(@Nullable SegmentMark mark, @Nullable FlvTag tag) {}

  final Segmenter segmenter;
  final List<SegmentMark> marks = new ArrayList<>();
  private final List<Item> items = new ArrayList<>();
  private @Nullable FlvTag audioHeader;

  Tape(Segmenter segmenter) {
    this.segmenter = segmenter;
  }

  Tape() {
    this(new Segmenter(SegmentPolicy.DEFAULT, 77, 1_796_000_000_000L, 1_796_000_000L, 5));
  }

  void headers(@Nullable FlvTag video, @Nullable FlvTag audio) {
    segmenter.headers(video, audio);
    audioHeader = audio;
  }

  void video(long timeMs, boolean keyframe) {
    add(media(TagType.VIDEO, timeMs, keyframe ? 0x17 : 0x27, 1, 0, 0, 0, items.size()), keyframe);
  }

  void audio(long timeMs) {
    add(media(TagType.AUDIO, timeMs, 0xAF, 1, items.size()), false);
  }

  private void add(FlvTag tag, boolean keyframe) {
    mark(segmenter.before(tag, keyframe));
    items.add(new Item(null, tag));
  }

  void end() {
    mark(segmenter.end());
  }

  private void mark(@Nullable SegmentMark mark) {
    if (mark != null) {
      marks.add(mark);
      items.add(new Item(mark, null));
    }
  }

  /** Lengths of all parts, in milliseconds. */
  List<Long> parts() {
    List<Long> all = new ArrayList<>();
    for (int i = 1; i < marks.size(); i++) {
      if (marks.get(i).endMs() >= 0) {
        all.add(marks.get(i).endMs() - marks.get(i - 1).timeMs());
      }
    }
    return all;
  }

  /** Lengths of the whole segments, in milliseconds. */
  List<Long> segments() {
    List<Long> all = new ArrayList<>();
    long sum = 0;
    for (int i = 1; i < marks.size(); i++) {
      SegmentMark mark = marks.get(i);
      if (mark.endMs() >= 0) {
        sum += mark.endMs() - marks.get(i - 1).timeMs();
        if (mark.part() == 0) {
          all.add(sum);
          sum = 0;
        }
      }
    }
    return all;
  }

  /** What holds of every stream. */
  void check() {
    numbers();
    lengths();
    content();
  }

  private void numbers() {
    int target = 0;
    int partTarget = 0;
    SegmentMark before = null;
    for (SegmentMark mark : marks) {
      assertThat(SegmentMark.decode(mark.encode())).isEqualTo(mark);
      if (target > 0) {
        assertThat(mark.targetMs()).as("frozen").isEqualTo(target);
        assertThat(mark.partTargetMs()).as("frozen").isEqualTo(partTarget);
      }
      target = mark.targetMs();
      partTarget = mark.partTargetMs();
      if (before == null) {
        assertThat(mark.endMs()).isEqualTo(SegmentMark.NOTHING_ENDS);
        assertThat(mark.beginsSegment()).isTrue();
        assertThat(mark.discontinuous()).isFalse();
      } else if (before.endsStretch()) {
        assertThat(mark.endMs()).isEqualTo(SegmentMark.NOTHING_ENDS);
        assertThat(mark.discontinuous()).isTrue();
        assertThat(mark.msn()).isEqualTo(before.msn());
        assertThat(mark.part()).isZero();
        assertThat(mark.discontinuity()).isEqualTo(before.discontinuity());
      } else {
        assertThat(mark.endMs()).as("%s after %s", mark, before).isGreaterThan(before.timeMs());
        boolean next = mark.part() == 0;
        assertThat(mark.msn()).isEqualTo(before.msn() + (next ? 1 : 0));
        assertThat(next || mark.part() == before.part() + 1).isTrue();
        boolean goesOn = !mark.discontinuous() && !mark.endsStretch();
        assertThat(mark.discontinuity()).isEqualTo(before.discontinuity() + (goesOn ? 0 : 1));
        if (goesOn) {
          assertThat(mark.timeMs()).as("durations add up").isEqualTo(mark.endMs());
          assertThat(mark.config()).isEqualTo(before.config());
        } else {
          assertThat(mark.timeMs()).isGreaterThanOrEqualTo(mark.endMs());
        }
      }
      before = mark;
    }
  }

  private void lengths() {
    SegmentMark last = marks.isEmpty() ? null : marks.getLast();
    if (last == null || last.targetMs() == 0) {
      return;
    }
    for (long part : parts()) {
      assertThat(part).isLessThanOrEqualTo(last.partTargetMs());
    }
    for (long segment : segments()) {
      assertThat((segment + 500) / 1000 * 1000).isLessThanOrEqualTo(last.targetMs());
    }
    for (int i = 1; i < marks.size(); i++) {
      SegmentMark mark = marks.get(i);
      SegmentMark begin = marks.get(i - 1);
      boolean exempt = begin.targetMs() == 0 || begin.independent() || mark.part() == 0;
      if (!exempt) {
        assertThat(100 * (mark.endMs() - begin.timeMs()))
            .as("part %s", begin)
            .isGreaterThanOrEqualTo(85L * last.partTargetMs());
      }
    }
  }

  /** What is between two marks is what the second one says, and sound lies where the first does. */
  private void content() {
    PartDigest digest = new PartDigest();
    SegmentMark begin = null;
    AudioGrid grid = audioHeader == null ? null : AudioGrid.of(audioHeader);
    for (Item item : items) {
      SegmentMark mark = item.mark();
      if (mark != null) {
        if (mark.endMs() >= 0) {
          assertThat(mark.tags()).isEqualTo(digest.tags()).isPositive();
          assertThat(mark.digest()).isEqualTo(digest.value());
        }
        digest.reset();
        if (grid != null) {
          grid.anchor(mark.audioAnchor());
        }
        begin = mark.endsStretch() ? null : mark;
      } else if (begin != null) {
        FlvTag tag = Objects.requireNonNull(item.tag());
        digest.add(tag, tag.timestampMs() - begin.timeMs());
        if (grid != null && tag.audio()) {
          assertThat(grid.place(tag) * 1000 / grid.rate() - tag.timestampMs())
              .as("sound lies near its own time")
              .isBetween(-150L, 150L);
        }
      }
    }
  }

  private static FlvTag media(TagType type, long timeMs, int... body) {
    return new FlvTag(type, timeMs, bytes(body));
  }

  private static FlvTag header(TagType type, int... body) {
    return SequenceHeaders.pinned(type, 0, bytes(body));
  }

  private static ByteBuf bytes(int... body) {
    ByteBuf bytes = Unpooled.buffer();
    for (int b : body) {
      bytes.writeByte(b);
    }
    return bytes;
  }
}
