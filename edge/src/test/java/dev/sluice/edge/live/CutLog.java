package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.segment.PartDigest;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The marks of a node's streams, and which parts it has whole. */
final class CutLog implements StreamListener, StreamListener.Sink {
  private final List<SegmentMark> marks = new CopyOnWriteArrayList<>();
  private final List<String> whole = new CopyOnWriteArrayList<>();
  private final List<String> torn = new CopyOnWriteArrayList<>();
  private final PartDigest digest = new PartDigest();
  private @Nullable SegmentMark running;
  private long beganMs;
  private volatile long newestMs;

  private CutLog() {}

  static CutLog of(Node node) {
    CutLog log = new CutLog();
    node.hub().listen(log);
    return log;
  }

  List<SegmentMark> marks() {
    return marks;
  }

  /** Names of the parts whose tags are what the origin says. */
  List<String> whole() {
    return whole;
  }

  /** Names of the parts whose tags are not. */
  List<String> torn() {
    return torn;
  }

  /** Time of the newest tag. */
  long newestMs() {
    return newestMs;
  }

  /** The newest mark, once there is one. */
  SegmentMark last() {
    return marks.getLast();
  }

  @Override
  public Sink opened(StreamKey key, PublisherInfo publisher) {
    running = null;
    return this;
  }

  @Override
  public void tag(FlvTag tag) {
    SegmentMark begin = running;
    if (tag.mark()) {
      SegmentMark mark = Objects.requireNonNull(SegmentMark.decode(tag.payload()));
      if (begin != null) {
        boolean same = mark.tags() == digest.tags() && mark.digest() == digest.value();
        (same ? whole : torn).add(name(begin));
      }
      marks.add(mark);
      digest.reset();
      beganMs = tag.timestampMs();
      running = mark.endsStretch() ? null : mark;
    } else if (!SequenceHeaders.isHeader(tag) && !tag.script()) {
      digest.add(tag, tag.timestampMs() - beganMs);
      newestMs = tag.timestampMs();
    }
  }

  private static String name(SegmentMark mark) {
    return mark.incarnation() + "/" + mark.msn() + "." + mark.part();
  }

  @Override
  public void closed(EndReason reason) {}
}
