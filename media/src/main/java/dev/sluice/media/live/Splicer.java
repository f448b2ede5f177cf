package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.Timeline;

/**
 * Joins what publishers send into one stream: leaves out pictures before a publisher's first
 * keyframe, opens a new stretch of the clock for another publisher, and finds the place again when
 * a relay is connected to the same stream a second time.
 *
 * <p>An upstream starts a joiner at the start of its current GOP, part of which the viewers had
 * already. If that keyframe is the one we have (time and length agree), or the clock is known to be
 * the same, what was shown is left out and the stream goes on without a seam. If it is newer, by no
 * more than time has passed, the stream goes on from there. Else it is another stream under the old
 * name, and its time is spliced.
 *
 * <p>Pure; confined to the owner of its stream.
 */
final class Splicer {
  /** Returned for a tag that is not to be shown. */
  static final long OMIT = -1;

  private static final long SAME_CLOCK_MS = 60_000;
  private static final long AHEAD_MS = 10_000;
  private static final long AUDIO_BACK_MS = 10_000;
  private static final int TAGS_TO_KEYFRAME = 500;

  private final StreamClock clock;
  private boolean begun;
  private boolean keyframeSeen;
  private boolean seeking;
  private boolean seekingVideo;
  private boolean clockKnown;
  private long stampedMs;
  private int tagsSought;
  private long shownKeyframeMs;
  private int shownKeyframeBytes;
  private final boolean[] omitShown = new boolean[2]; // audio, video

  /** Before the first tag. */
  Splicer(StreamClock clock) {
    this.clock = clock;
  }

  /** What comes now is from another publisher, with times of its own. */
  void anotherPublisher() {
    keyframeSeen = false;
    seeking = false;
    omitShown[0] = false;
    omitShown[1] = false;
    clock.splice();
  }

  /**
   * What comes now is probably the same stream, from the start of a GOP.
   *
   * @param sameClock whether its times are known to be on the clock of what came before
   */
  void reconnected(Timeline shown, boolean sameClock) {
    if (!begun) {
      return; // headers at most
    }
    seeking = true;
    clockKnown = sameClock;
    tagsSought = 0;
    seekingVideo = shown.hasVideo();
    long keyframe = shown.keyframe();
    shownKeyframeMs = keyframe == Timeline.NONE ? OMIT : shown.tag(keyframe).timestampMs();
    shownKeyframeBytes = keyframe == Timeline.NONE ? 0 : shown.tag(keyframe).payloadBytes();
  }

  /**
   * The stream's time of an audio or video tag, or {@link #OMIT}. Borrows the tag.
   *
   * @param keyframe whether viewers can join at this tag
   */
  long stamp(FlvTag tag, boolean keyframe, long nowMs) {
    if (seeking && !place(tag, keyframe, nowMs)) {
      return OMIT;
    }
    stampedMs = nowMs;
    boolean video = tag.video();
    if (video && !keyframeSeen) {
      if (!keyframe) {
        return OMIT;
      }
      keyframeSeen = true;
    }
    int track = video ? 1 : 0;
    if (omitShown[track]) {
      if (clock.peek(video, tag.timestampMs()) <= clock.last(video)) {
        return OMIT;
      }
      omitShown[track] = false;
    }
    begun = true;
    return clock.stamp(video, tag.timestampMs(), nowMs);
  }

  /** Whether the place was found with this tag. */
  private boolean place(FlvTag tag, boolean keyframe, long nowMs) {
    boolean decides = keyframe || (!seekingVideo && tag.audio());
    if (!decides) {
      if (++tagsSought > TAGS_TO_KEYFRAME) {
        anotherPublisher();
        return true;
      }
      return false;
    }
    seeking = false;
    long timeMs = clock.peek(tag.video(), tag.timestampMs());
    long lastMs = clock.last(tag.video());
    boolean same =
        clockKnown
            ? timeMs <= lastMs && timeMs > lastMs - SAME_CLOCK_MS
            : seekingVideo
                ? timeMs == shownKeyframeMs && tag.payloadBytes() == shownKeyframeBytes
                : timeMs <= lastMs && timeMs > lastMs - AUDIO_BACK_MS;
    boolean newer = timeMs > lastMs && timeMs - lastMs <= nowMs - stampedMs + AHEAD_MS;
    if (same || newer) {
      omitShown[0] = true;
      omitShown[1] = keyframeSeen; // else no picture was shown
      keyframeSeen |= keyframe;
    } else {
      anotherPublisher();
    }
    return true;
  }
}
