package dev.sluice.media.live;

/**
 * Turns the times of a publisher into the one clock of a stream: 64-bit milliseconds that never go
 * back on a track, however often the publisher restarts.
 *
 * <p>Incoming times are 32 bits wide, start anywhere, wrap after 49.7 days and jump. They are read
 * in <em>epochs</em>: in an epoch the difference between incoming and stream time is constant, and
 * times are unwrapped by nearest distance. A jump (further back than {@value #MAX_BACK_MS} ms, or
 * further ahead than {@value #MAX_AHEAD_MS} ms more than the wall clock moved) opens a new epoch,
 * spliced {@value #SPLICE_GAP_MS} ms after the newest time given. Tags of the other track that
 * still belong to the epoch before are recognised by nearness, so that audio and video may jump one
 * after the other. Small steps back are levelled per track (never across tracks: interleaving is
 * not an error).
 *
 * <p>Pure; confined to the owner of its stream.
 */
final class StreamClock {
  static final long MAX_BACK_MS = 1_000;
  static final long MAX_AHEAD_MS = 5_000;
  static final long SPLICE_GAP_MS = 25;

  private static final long UNSET = Long.MIN_VALUE;
  private static final int TRACKS = 2; // audio 0, video 1

  private final boolean rebase;
  private Epoch current = new Epoch();
  private Epoch before = new Epoch();
  private final long[] lastOut = {UNSET, UNSET};
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

  /** The next tag opens a new epoch, whatever its time says: another publisher took over. */
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
    int track = video ? 1 : 0;
    Epoch epoch = epochOf(track, incomingMs, nowMs);
    long in = epoch.see(track, incomingMs, nowMs);
    long out = Math.max(in + epoch.offset, 0);
    if (lastOut[track] != UNSET && out < lastOut[track]) {
      out = lastOut[track];
    }
    lastOut[track] = out;
    newestOut = Math.max(newestOut, out);
    return out;
  }

  /**
   * The stream's time that an incoming time would get in the running epoch; changes nothing. Only
   * after a first {@link #stamp}.
   */
  long peek(boolean video, long incomingMs) {
    return current.unwrap(video ? 1 : 0, incomingMs) + current.offset;
  }

  /** The newest time given to a track, or the newest of all if it had none; 0 before any. */
  long last(boolean video) {
    long last = lastOut[video ? 1 : 0];
    return last == UNSET ? newest() : last;
  }

  /**
   * The stream's time of a header, which is that of the media it goes before. A relay's first
   * headers come with that time; those of an encoder go before time 0.
   */
  long ofHeader(boolean video, long incomingMs) {
    boolean none = newestOut == UNSET;
    return none && !rebase ? incomingMs & 0xFFFFFFFFL : last(video);
  }

  /** The newest time given; 0 before any. */
  long newest() {
    return newestOut == UNSET ? 0 : newestOut;
  }

  private Epoch epochOf(int track, long incomingMs, long nowMs) {
    if (!current.started()) {
      current.start(track, incomingMs, nowMs, rebase ? 0 : incomingMs & 0xFFFFFFFFL);
      return current;
    }
    if (!spliceNext && current.takes(track, incomingMs, nowMs)) {
      return current;
    }
    if (!spliceNext && before.started() && before.near(track, incomingMs)) {
      return before;
    }
    spliceNext = false;
    Epoch opened = before;
    before = current;
    current = opened;
    current.start(track, incomingMs, nowMs, newestOut + SPLICE_GAP_MS);
    return current;
  }

  /** A stretch in which incoming and stream time differ by a constant. */
  private static final class Epoch {
    private final long[] lastIn = {UNSET, UNSET};
    private final long[] lastSeenMs = {UNSET, UNSET};
    private long offset;

    boolean started() {
      return lastIn[0] != UNSET || lastIn[1] != UNSET;
    }

    void start(int track, long incomingMs, long nowMs, long outMs) {
      long in = incomingMs & 0xFFFFFFFFL;
      for (int i = 0; i < TRACKS; i++) {
        lastIn[i] = UNSET;
        lastSeenMs[i] = UNSET;
      }
      lastIn[track] = in;
      lastSeenMs[track] = nowMs;
      offset = outMs - in;
    }

    long unwrap(int track, long incomingMs) {
      long base = base(track);
      return base + (int) (incomingMs - base);
    }

    boolean takes(int track, long incomingMs, long nowMs) {
      int known = lastIn[track] != UNSET ? track : 1 - track;
      long moved = unwrap(track, incomingMs) - lastIn[known];
      // A track seen for the first time may start well before the other one.
      long back = known == track ? MAX_BACK_MS : MAX_AHEAD_MS;
      long passed = Math.max(0, nowMs - lastSeenMs[known]);
      return moved >= -back && moved <= MAX_AHEAD_MS + passed;
    }

    boolean near(int track, long incomingMs) {
      return Math.abs(unwrap(track, incomingMs) - base(track)) <= MAX_BACK_MS;
    }

    long see(int track, long incomingMs, long nowMs) {
      long in = unwrap(track, incomingMs);
      lastIn[track] = lastIn[track] == UNSET ? in : Math.max(lastIn[track], in);
      lastSeenMs[track] = nowMs;
      return in;
    }

    private long base(int track) {
      return lastIn[track] != UNSET ? lastIn[track] : lastIn[1 - track];
    }
  }
}
