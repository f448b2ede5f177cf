package dev.sluice.media.live;

import org.jspecify.annotations.Nullable;

/**
 * Turns the times of a publisher into the one clock of a stream: 64-bit milliseconds that never go
 * back on a track, however often the publisher restarts.
 *
 * <p>Incoming times are 32 bits wide, start anywhere, wrap after 49.7 days and jump. They are read
 * in <em>epochs</em>: in an epoch the difference between incoming and stream time is constant, and
 * times are unwrapped by nearest distance. Each track is in an epoch, mostly both in the same. What
 * goes on where its track was stays there. A jump (further back than {@value #MAX_BACK_MS} ms, or
 * further ahead than {@value #MAX_AHEAD_MS} ms more than the wall clock moved) leads to the epoch
 * of the other track when it fits there, so that audio and video may jump one after the other; else
 * it opens a new one for this track alone, spliced {@value #SPLICE_GAP_MS} ms after the newest time
 * given. The other track does not notice. Small steps back are levelled per track (never across
 * tracks: interleaving is not an error).
 *
 * <p>A track that starts behind the first one, which has got time 0, has the clock put on by that
 * much: no time is below 0, and nothing is stacked on one time. A track whose times stand still
 * while tags come (a publisher that sends zeros) is read by arrival.
 *
 * <p>A relay's times were set at ingest. Gaps in them are true, such as that between the last
 * picture, which a joiner gets first, and the sound of now.
 *
 * <p>Pure; confined to the owner of its stream.
 */
final class StreamClock {
  static final long MAX_BACK_MS = 1_000;
  static final long MAX_AHEAD_MS = 5_000;
  static final long SPLICE_GAP_MS = 25;
  static final long STUCK_MS = 500;
  private static final long STACKED_MS = 200;
  private static final long RELAY_GAP_MS = 600_000;

  private static final long UNSET = Long.MIN_VALUE;

  private final boolean rebase;
  private final Track[] tracks = {new Track(0), new Track(1)}; // audio, video
  private long newestOut = UNSET;
  private boolean spliceNext;

  /**
   * A clock before its first tag.
   *
   * @param rebase whether the first tag is time 0 (ingest) or keeps its own time (relay of a clock
   *     that was set at ingest already)
   */
  StreamClock(boolean rebase) {
    this.rebase = rebase;
  }

  /** The next tag opens a new epoch for all tracks: another publisher took over. */
  void splice() {
    spliceNext = newestOut != UNSET;
  }

  /**
   * The stream's time of a media tag.
   *
   * @param video else audio
   * @param incomingMs low 32 bits count
   * @param nowMs any monotonic clock
   */
  long stamp(boolean video, long incomingMs, long nowMs) {
    Track track = tracks[video ? 1 : 0];
    Epoch epoch = epochOf(track, incomingMs, nowMs);
    long in = epoch.see(track.index, incomingMs, nowMs);
    long out = Math.max(in + epoch.offset, 0) + track.stoodStillMs(incomingMs, nowMs);
    if (track.lastOut != UNSET && out < track.lastOut) {
      out = track.lastOut;
    }
    track.lastOut = out;
    newestOut = Math.max(newestOut, out);
    return out;
  }

  /**
   * The stream's time that an incoming time would get in the track's running epoch; changes
   * nothing. Only after a first {@link #stamp}.
   */
  long peek(boolean video, long incomingMs) {
    Track track = tracks[video ? 1 : 0];
    Epoch epoch = track.epoch == null ? other(track).epoch : track.epoch;
    return epoch == null
        ? incomingMs & 0xFFFFFFFFL
        : epoch.unwrap(track.index, incomingMs) + epoch.offset;
  }

  /** The newest time given to a track, or the newest of all if it had none; 0 before any. */
  long last(boolean video) {
    long last = tracks[video ? 1 : 0].lastOut;
    return last == UNSET ? newest() : last;
  }

  /**
   * The stream's time of a header, which is that of the media it goes before. A relay's first
   * headers come with that time; those of an encoder go before time 0.
   */
  long ofHeader(boolean video, long incomingMs) {
    boolean none = newestOut == UNSET;
    if (spliceNext) {
      return newest(); // behind the other track too, as its media will be
    }
    return none && !rebase ? incomingMs & 0xFFFFFFFFL : last(video);
  }

  /** The newest time given; 0 before any. */
  long newest() {
    return newestOut == UNSET ? 0 : newestOut;
  }

  private Track other(Track track) {
    return tracks[1 - track.index];
  }

  private Epoch epochOf(Track track, long incomingMs, long nowMs) {
    Epoch own = track.epoch;
    Epoch others = other(track).epoch;
    if (spliceNext) {
      spliceNext = false;
      other(track).epoch = null;
      return open(track, incomingMs, newestOut + SPLICE_GAP_MS);
    }
    if (own == null && others == null) {
      boolean first = newestOut == UNSET;
      long in = incomingMs & 0xFFFFFFFFL;
      return open(track, incomingMs, !first ? newestOut + SPLICE_GAP_MS : rebase ? 0 : in);
    }
    long ahead = rebase ? MAX_AHEAD_MS : RELAY_GAP_MS;
    if (own != null
        && !track.movesAgain(incomingMs)
        && own.fits(track.index, incomingMs, nowMs, MAX_BACK_MS, ahead)) {
      return own;
    }
    if (others != null && others != own && !other(track).byArrival) {
      long back = rebase ? MAX_AHEAD_MS : RELAY_GAP_MS;
      if (others.fits(1 - track.index, incomingMs, nowMs, back, ahead)
          && track.mayStandAt(others.unwrap(track.index, incomingMs) + others.offset)) {
        track.enter(others);
        putOn(others, track.index, incomingMs);
        return others;
      }
    }
    return open(track, incomingMs, newestOut + SPLICE_GAP_MS);
  }

  /** Puts the clock on when a track would start before time 0. */
  private static void putOn(Epoch epoch, int track, long incomingMs) {
    long out = epoch.unwrap(track, incomingMs) + epoch.offset;
    if (out < 0) {
      epoch.offset -= out;
    }
  }

  private static Epoch open(Track track, long incomingMs, long outMs) {
    Epoch opened = new Epoch(incomingMs & 0xFFFFFFFFL, outMs);
    track.enter(opened);
    return opened;
  }

  /** Where a track is. */
  private static final class Track {
    private final int index;
    private @Nullable Epoch epoch;
    private long lastOut = UNSET;
    private long standsAt = UNSET; // the incoming time, low 32 bits
    private long standsSinceMs;
    private boolean byArrival;

    Track(int index) {
      this.index = index;
    }

    void enter(Epoch to) {
      epoch = to;
      standsAt = UNSET;
      byArrival = false;
    }

    /** Whether frames from this time on would not be stacked behind those that came. */
    boolean mayStandAt(long out) {
      return lastOut == UNSET || out >= lastOut - STACKED_MS;
    }

    /** How long the incoming time has stood still, once that is too long for frames of one time. */
    long stoodStillMs(long incomingMs, long nowMs) {
      long in = incomingMs & 0xFFFFFFFFL;
      if (in != standsAt) {
        standsAt = in;
        standsSinceMs = nowMs;
        return 0;
      }
      long stands = nowMs - standsSinceMs;
      byArrival |= stands > STUCK_MS;
      return byArrival ? stands : 0;
    }

    /** Whether it was read by arrival, and its times have come to life. */
    boolean movesAgain(long incomingMs) {
      return byArrival && (incomingMs & 0xFFFFFFFFL) != standsAt;
    }
  }

  /** A stretch in which incoming and stream time differ by a constant. */
  private static final class Epoch {
    private final long[] lastIn = {UNSET, UNSET};
    private final long[] lastSeenMs = {UNSET, UNSET};
    private final long firstIn;
    private long offset;

    Epoch(long firstIn, long firstOut) {
      this.firstIn = firstIn;
      this.offset = firstOut - firstIn;
    }

    long unwrap(int track, long incomingMs) {
      long base = base(track);
      return base + (int) (incomingMs - base);
    }

    /**
     * Whether a time goes on from what came of a track.
     *
     * @param known the track to measure from
     */
    boolean fits(int known, long incomingMs, long nowMs, long back, long ahead) {
      if (lastIn[known] == UNSET) {
        return false;
      }
      long base = lastIn[known];
      long moved = (int) (incomingMs - base);
      long passed = Math.max(0, nowMs - lastSeenMs[known]);
      return moved >= -back && moved <= ahead + passed;
    }

    long see(int track, long incomingMs, long nowMs) {
      long in = unwrap(track, incomingMs);
      lastIn[track] = lastIn[track] == UNSET ? in : Math.max(lastIn[track], in);
      lastSeenMs[track] = nowMs;
      return in;
    }

    private long base(int track) {
      if (lastIn[track] != UNSET) {
        return lastIn[track];
      }
      return lastIn[1 - track] != UNSET ? lastIn[1 - track] : firstIn;
    }
  }
}
