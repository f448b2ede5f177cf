package dev.sluice.media.segment;

/**
 * How far the places of sound have moved away from its own times since a segment began: an
 * encoder's audio clock may run at another pace than its video clock. A mean, as single times are
 * rounded and jitter.
 *
 * <p>Threading: confined to its owner. Pure.
 */
final class AudioDrift {
  private long sum;
  private int frames;
  private long samples;
  private long lastOff;

  /** A frame was placed. */
  void saw(long place, long own, long lasts) {
    sum += own - place;
    frames++;
    samples = lasts;
    lastOff = own - place;
  }

  /**
   * At a segment's begin: moves the anchor when it is off by more than half a frame.
   *
   * @return whether it goes back so far that what follows lies over what was before: frames came
   *     that had no time of their own, as those of an encoder whose clock stepped back
   */
  boolean correct(AudioGrid grid) {
    long mean = frames == 0 ? 0 : Math.floorDiv(sum, frames);
    boolean back = goesBack(grid);
    long off = back ? lastOff : mean;
    if (grid.next() >= 0 && Math.abs(off) > samples / 2) {
      grid.anchor(Math.max(0, grid.next() + off));
    }
    forget();
    return back;
  }

  /** What {@link #correct} would return. */
  boolean goesBack(AudioGrid grid) {
    return frames > 0 && lastOff <= -AudioGrid.AHEAD_MS * grid.rate() / 1000;
  }

  /** What comes next is of another stretch, or segment. */
  void forget() {
    sum = 0;
    frames = 0;
  }
}
