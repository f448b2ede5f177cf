package dev.sluice.media.live;

import dev.sluice.media.live.timeline.Tracks;

/**
 * Which tracks a stream carries now, as those who join are told.
 *
 * <p>A track is there with its first tag, sequence headers included. It is gone when none of it has
 * come for {@value #SILENT_MS} ms, or four times its usual gap if that is longer, both by the clock
 * of the stream and by arrival while the other track went on: by one alone, a line that stood still
 * or a publisher that sends one track ahead of the other would look the same. It is back with its
 * next tag that can be joined at.
 *
 * <p>Pictures that come rarely, or one that stays, are no track that fell silent: each is what the
 * stream shows until the next. So video is gone only when it came densely before.
 *
 * <p>What is still to come is settled when both tracks are there, or those that the metadata names,
 * or when the wait for more is over; after that tracks may still come and go.
 *
 * <p>Pure; confined to the owner of its stream.
 */
final class TrackWatch {
  static final long SILENT_MS = 3_000;

  private static final long LONGEST_SILENT_MS = 30_000;
  private static final long RARE_MS = 2_000;
  private static final int FEW = 5;
  private static final int GAPS = 4;
  private static final long NEVER = Long.MAX_VALUE;

  private final Track audio = new Track();
  private final Track video = new Track();
  private boolean audioTold;
  private boolean videoTold;
  private boolean settled;

  /** Another publisher's tags follow: nothing is known. */
  void anotherPublisher() {
    audio.reset();
    video.reset();
    audioTold = false;
    videoTold = false;
    settled = false;
  }

  /** Metadata names its tracks; if it names none it says nothing. */
  void told(boolean hasAudio, boolean hasVideo) {
    audioTold = hasAudio;
    videoTold = hasVideo;
    settleWhenComplete();
  }

  /** No further track is waited for. */
  void settle() {
    settled |= audio.here || video.here;
  }

  /** A sequence header or description came: the track is about to. */
  void header(boolean ofVideo, long timeMs, long nowNanos) {
    Track track = ofVideo ? video : audio;
    if (!track.here && !track.gone) {
      track.announced(timeMs, nowNanos);
      settleWhenComplete();
    }
  }

  /**
   * A tag with media came.
   *
   * @param joinable whether one can join at it: of video a keyframe
   * @return whether the track is back with it
   */
  boolean media(boolean ofVideo, boolean joinable, long timeMs, long nowNanos) {
    Track track = ofVideo ? video : audio;
    boolean back = track.gone && joinable;
    if (!track.gone || joinable) {
      track.came(timeMs, nowNanos);
    }
    settleWhenComplete();
    Track other = ofVideo ? audio : video;
    other.leaveAfter(ofVideo ? other.soundPatienceMs() : other.picturePatienceMs(), track);
    return back;
  }

  private void settleWhenComplete() {
    boolean both = audio.here && video.here;
    boolean asTold = (audioTold || videoTold) && audio.here == audioTold && video.here == videoTold;
    settled |= both || asTold;
  }

  /** What is known now. */
  Tracks tracks() {
    return new Tracks(audio.here, video.here, settled);
  }

  /** Whether nothing has changed since. */
  boolean agreesWith(Tracks before) {
    return before.audio() == audio.here
        && before.video() == video.here
        && before.settled() == settled;
  }

  /** What is known of one track. */
  private static final class Track {
    private boolean here;
    private boolean gone;
    private long lastMs;
    private long lastNanos;
    private int count;
    private long usualGapMs;

    void reset() {
      here = false;
      gone = false;
      count = 0;
    }

    void announced(long timeMs, long nowNanos) {
      here = true;
      lastMs = timeMs;
      lastNanos = nowNanos;
    }

    void came(long timeMs, long nowNanos) {
      long gapMs = Math.max(0, timeMs - lastMs);
      usualGapMs = count <= 1 ? gapMs : usualGapMs + (gapMs - usualGapMs) / 8;
      count += count < FEW ? 1 : 0;
      here = true;
      gone = false;
      lastMs = Math.max(timeMs, lastMs);
      lastNanos = nowNanos;
    }

    /** Is gone when it has not come for so long while the other one, whose turn it is, has. */
    void leaveAfter(long patienceMs, Track other) {
      if (here
          && patienceMs != NEVER
          && other.lastMs - lastMs >= patienceMs
          && other.lastNanos - lastNanos >= patienceMs * 1_000_000) {
        here = false;
        gone = true;
        count = 0;
      }
    }

    long soundPatienceMs() {
      return Math.min(patienceMs(), LONGEST_SILENT_MS);
    }

    long picturePatienceMs() {
      boolean stays = count > 0 && (count < FEW || usualGapMs >= RARE_MS);
      return stays ? NEVER : patienceMs();
    }

    private long patienceMs() {
      return count < FEW ? SILENT_MS : Math.max(SILENT_MS, GAPS * usualGapMs);
    }
  }
}
