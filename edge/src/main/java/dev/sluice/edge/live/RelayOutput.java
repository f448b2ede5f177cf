package dev.sluice.edge.live;

import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.Publication;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One stream as this edge publishes it in its hub, whichever upstream it comes from. When it comes
 * from another one, its times are put on the clock of the one before if a keyframe is known to both
 * ({@link KeyframeLog}): then no frame is shown twice and none is lost that the new one has.
 *
 * <p>Threading: confined to the event loop of its stream.
 */
final class RelayOutput {
  private static final int TAGS_TO_KEYFRAME = 500;
  private static final int MOST_MARKS = 64;

  private final LiveHub hub;
  private final StreamKey key;
  private final EventLoop loop;
  private final KeyframeLog shown = new KeyframeLog();
  private @Nullable Publication publication;
  private boolean video;
  private boolean joining;
  private int sought;
  private long offsetMs;

  /** Marks of the origin that go before the next tag, and with it. */
  private final ArrayDeque<FlvTag> marks = new ArrayDeque<>();

  RelayOutput(LiveHub hub, StreamKey key, EventLoop loop) {
    this.hub = hub;
    this.key = key;
    this.loop = loop;
  }

  /** Whether the stream has begun. */
  boolean begun() {
    return publication != null;
  }

  /** Begins the stream. */
  void begin(PublisherInfo from) throws PublishRefused {
    publication = hub.publish(key, from, loop);
  }

  /** Takes the stream from another connection from now on. */
  void switchTo(PublisherInfo to) {
    describe(to);
    joining = true;
    sought = 0;
    marks.clear();
  }

  /** Tells where the stream comes from. */
  void describe(PublisherInfo from) {
    Publication mine = publication;
    if (mine != null) {
      mine.movedTo(from);
    }
  }

  /** Whether a keyframe of another source is one that was shown. */
  boolean knows(KeyframeLog source) {
    return shown.ahead(source) != KeyframeLog.NONE;
  }

  /** How a switch went. */
  enum Joint {
    /** The tag joins nothing: the source is the same, or its GOP has not begun. */
    NONE,
    /** Joined; a keyframe was known. */
    SAME_CLOCK,
    /** Joined, with a clock of its own. */
    UNKNOWN_CLOCK
  }

  /**
   * Takes the next tag. Borrows it.
   *
   * @param source the keyframes of where it comes from, which has seen the tag
   */
  Joint put(FlvTag tag, KeyframeLog source, long nowNanos) {
    Publication mine = publication;
    if (mine == null) {
      return Joint.NONE;
    }
    if (tag.mark()) {
      mark(mine, tag);
      return Joint.NONE;
    }
    if (tag.script() || SequenceHeaders.isHeader(tag)) {
      mine.onTag(tag);
      return Joint.NONE;
    }
    Joint joint = Joint.NONE;
    boolean begins = source.beginsGop(tag);
    if (joining) {
      if (video && !begins && ++sought <= TAGS_TO_KEYFRAME) {
        marks.clear();
        return Joint.NONE; // the GOP is joined at its start
      }
      joint = join(mine, source);
    }
    video |= tag.video();
    if (begins) {
      shown.add(tag, tag.timestampMs() + offsetMs, nowNanos);
    }
    putMarks(mine);
    FlvTag timed = tag.at(tag.timestampMs() + offsetMs);
    mine.onTag(timed);
    timed.release();
    return joint;
  }

  /** A mark is on the clock of the tag that it goes before. */
  private void mark(Publication mine, FlvTag tag) {
    if (marks.size() == MOST_MARKS) {
      marks.removeFirst();
    }
    marks.add(SequenceHeaders.pinned(tag));
    SegmentMark said = SegmentMark.decode(tag.payload());
    if (!joining && said != null && said.endsStretch()) {
      putMarks(mine); // no tag follows
    }
  }

  private void putMarks(Publication mine) {
    for (FlvTag mark = marks.poll(); mark != null; mark = marks.poll()) {
      mine.onTag(mark.at(mark.timestampMs() + offsetMs));
    }
  }

  private Joint join(Publication mine, KeyframeLog source) {
    joining = false;
    long ahead = shown.ahead(source);
    boolean known = ahead != KeyframeLog.NONE;
    offsetMs = known ? ahead : 0;
    if (!known) {
      shown.clear();
    }
    mine.reconnected(known);
    return known ? Joint.SAME_CLOCK : Joint.UNKNOWN_CLOCK;
  }

  /** Ends the stream. */
  void end(EndReason reason) {
    Publication mine = publication;
    if (mine != null) {
      mine.close(reason, Duration.ZERO);
    }
  }
}
