package dev.sluice.media.flv;

/**
 * The track whose keyframes GOPs begin with: of several video tracks the lowest that was seen.
 * Keyframes of the others belong to the GOP that they come in.
 *
 * <p>Threading: confined to the caller of one source's tags. Pure.
 */
public final class PictureTrack {
  private static final int NONE = 256;

  private int lowest = NONE;

  /** Sees a tag, headers too. Borrows it. */
  public void see(FlvTag tag) {
    if (tag.video()) {
      lowest = Math.min(lowest, tag.track());
    }
  }

  /** Sees a tag and says whether a GOP begins with it. Borrows it. */
  public boolean beginsGop(FlvTag tag) {
    see(tag);
    return tag.keyframe() && has(tag);
  }

  /** Whether a tag is of that track, or of a lower one that was not seen yet. */
  public boolean has(FlvTag tag) {
    return tag.video() && tag.track() <= lowest;
  }

  /** What comes next is of another source, which may number its tracks in another way. */
  public void forget() {
    lowest = NONE;
  }
}
