package dev.sluice.media.segment;

/**
 * How the frames of a track follow each other, by stream time.
 *
 * <p>Threading: confined to its owner. Pure.
 */
final class TrackPace {
  private final LatestGreatest gaps = new LatestGreatest();
  private long lastMs = -1;
  private long lastGapMs;

  /** A frame came. */
  void saw(long timeMs) {
    if (lastMs >= 0) {
      lastGapMs = Math.max(0, timeMs - lastMs);
      gaps.add(lastGapMs);
    }
    lastMs = Math.max(lastMs, timeMs);
  }

  /** Whether a frame came at all. */
  boolean seen() {
    return lastMs >= 0;
  }

  /** Time of the last frame. */
  long lastMs() {
    return lastMs;
  }

  /** When the next frame would come, were it as far from the last as that from the one before. */
  long nextMs() {
    return lastMs + lastGapMs;
  }

  /** The longest time from one frame to the next, lately; 0 when not known. */
  long longestGapMs() {
    return gaps.value();
  }

  /** The longest of these, and of that from the last frame to one at a time. */
  long longestGapMs(long timeMs) {
    return lastMs < 0 ? gaps.value() : Math.max(gaps.value(), timeMs - lastMs);
  }

  /** What comes next does not follow what came. */
  void breakOff() {
    lastMs = -1;
    lastGapMs = 0;
  }

  /** What comes next has nothing to do with what came. */
  void forget() {
    gaps.clear();
    breakOff();
  }
}
