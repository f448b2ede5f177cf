package dev.sluice.media.rendition;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.segment.SegmentPolicy;
import dev.sluice.media.segment.Segmenter;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rendition as its server has it: pictures of 40 ms whose times are the encoder's less those of
 * its first, and the marks that are put before them.
 */
final class Encoded {
  static final long WALL = 1_796_000_000_000L;
  private static final FlvTag HEADER =
      SequenceHeaders.pinned(
          TagType.VIDEO, 0, Unpooled.wrappedBuffer(new byte[] {0x17, 0, 0, 0, 0, 1, 100, 0, 31}));

  final List<SegmentMark> marks = new ArrayList<>();
  final GroupMember member;
  int shownAfterMs;
  private final long[] nowMs;
  private @Nullable Segmenter segmenter;
  private boolean together;
  private long zeroMs = -1;
  private long belowMsn;

  /**
   * Nothing came.
   *
   * @param nowMs the clock of the server
   */
  Encoded(RenditionGroups groups, String name, long[] nowMs) {
    this.nowMs = nowMs;
    StreamKey key = new StreamKey("live", name);
    GroupMember.NewRun run =
        new GroupMember.NewRun() {
          @Override
          public long incarnation() {
            return 77;
          }

          @Override
          public long wallZeroMs(long timeMs) {
            return WALL + nowMs[0] - timeMs;
          }

          @Override
          public long firstMsn(StreamKey group) {
            return (WALL + nowMs[0]) / 1000;
          }

          @Override
          public long firstDiscontinuity(StreamKey group) {
            return 5;
          }
        };
    GroupMember joined = groups.join(key, SegmentPolicy.DEFAULT, run);
    if (joined == null) {
      throw new IllegalStateException("no group");
    }
    member = joined;
  }

  Rendition.Standing standing() {
    return member.rendition().standing();
  }

  /** A picture. */
  void picture(long encoderMs, boolean keyframe) {
    if (zeroMs < 0) {
      zeroMs = encoderMs;
    }
    long timeMs = encoderMs - zeroMs;
    member.saw(encoderMs, timeMs, true, keyframe, shownAfterMs, nowMs[0] * 1_000_000);
    boolean goes = standing() == Rendition.Standing.TOGETHER;
    if (goes != together) {
      end();
    }
    together = goes;
    if (standing() == Rendition.Standing.CHECKED) {
      return;
    }
    Segmenter here = segmenter;
    if (here == null) {
      member.used(belowMsn);
      here =
          goes
              ? Segmenter.ofRendition(
                  SegmentPolicy.DEFAULT, member.incarnation(), member.wallZeroMs(), member)
              : new Segmenter(
                  SegmentPolicy.DEFAULT, 99, WALL, Math.max(belowMsn, member.firstMsnApart()), 5);
      here.headers(HEADER, null);
      segmenter = here;
    }
    byte[] body = {(byte) (keyframe ? 0x17 : 0x27), 1, 0, 0, 0, 9};
    long at = timeMs + (goes ? member.shiftMs() : 0);
    FlvTag tag = new FlvTag(TagType.VIDEO, at, Unpooled.wrappedBuffer(body));
    mark(here.before(tag, keyframe));
  }

  private void end() {
    if (segmenter != null) {
      mark(segmenter.end());
      segmenter = null;
    }
  }

  /** The publisher is gone. */
  void gone() {
    end();
    member.gone();
  }

  private void mark(@Nullable SegmentMark mark) {
    if (mark != null) {
      belowMsn = Math.max(belowMsn, mark.msn() + (mark.endsStretch() ? 0 : 1));
      marks.add(mark);
    }
  }

  /** Where segments of the group begin. */
  List<SegmentMark> segments() {
    return marks.stream().filter(m -> m.beginsSegment() && m.incarnation() == 77).toList();
  }
}
