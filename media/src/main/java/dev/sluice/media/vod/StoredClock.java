package dev.sluice.media.vod;

/**
 * Turns the times of a stored file into times that do not jump, as live streams have them: what
 * goes back on its track by more than {@value #MAX_BACK_MS} ms, or ahead by more than {@value
 * #MAX_AHEAD_MS} ms, goes on {@value #SPLICE_GAP_MS} ms after the newest time given. Both tracks
 * may jump one after the other, and stay together.
 *
 * <p>A live stream's clock knows how long the publisher was silent, this one does not: a gap of up
 * to a minute is taken for a true one. Pure; one caller.
 */
final class StoredClock {
  static final long MAX_AHEAD_MS = 60_000;
  private static final long MAX_BACK_MS = 1_000;
  private static final long SPLICE_GAP_MS = 25;

  private final long[] last = {-1, -1}; // sound, pictures, as they are in the file
  private final long[] shift = new long[2];
  private long newest = -1;

  /** The time of a tag of sound or picture; {@link #shift} of its track may be another then. */
  long stamp(boolean video, long timeMs) {
    int track = video ? 1 : 0;
    int other = 1 - track;
    if (last[track] < 0) {
      shift[track] = last[other] < 0 ? 0 : shift[other];
    }
    long before = last[track] < 0 ? last[other] : last[track];
    if (before >= 0 && jumps(before, timeMs)) {
      boolean follows =
          last[other] >= 0
              && shift[other] != shift[track]
              && Math.abs(timeMs - last[other]) <= MAX_AHEAD_MS
              && timeMs + shift[other] >= newest - MAX_BACK_MS;
      shift[track] = follows ? shift[other] : newest + SPLICE_GAP_MS - timeMs;
    }
    last[track] = timeMs;
    long time = Math.max(0, timeMs + shift[track]);
    newest = Math.max(newest, time);
    return time;
  }

  private static boolean jumps(long before, long timeMs) {
    return timeMs < before - MAX_BACK_MS || timeMs > before + MAX_AHEAD_MS;
  }

  /** What is added to the times of a track, in milliseconds. */
  long shift(boolean video) {
    return shift[video ? 1 : 0];
  }
}
