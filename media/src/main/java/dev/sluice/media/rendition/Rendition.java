package dev.sluice.media.rendition;

/**
 * How it stands with a stream in its group.
 *
 * @param why of one that is apart, as a sentence; else empty
 */
public record Rendition(Standing standing, String why) {
  static final Rendition CHECKED = new Rendition(Standing.CHECKED, "");
  static final Rendition TOGETHER = new Rendition(Standing.TOGETHER, "");

  /** How it stands. */
  public enum Standing {
    /** Its keyframes are being compared; it has no segments yet. */
    CHECKED,
    /** Its segments have the group's numbers. */
    TOGETHER,
    /** It cannot go along, and has segments of its own. */
    APART
  }

  static Rendition apart(String why) {
    return new Rendition(Standing.APART, why);
  }
}
