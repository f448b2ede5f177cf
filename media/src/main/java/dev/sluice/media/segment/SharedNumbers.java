package dev.sluice.media.segment;

import org.jspecify.annotations.Nullable;

/**
 * The numbers of segments that renditions of one picture share, as one of them sees them: where one
 * begins a segment all do, with the same number, and discontinuities are those of all. Times are
 * the group's stream time, in milliseconds.
 *
 * <p>Threading: confined to the owner of the rendition.
 */
public interface SharedNumbers {
  /**
   * A segment begins.
   *
   * @param msn its number
   * @param discontinuity its discontinuity number
   * @param discontinuous what begins does not go on from what was, in all renditions
   */
  record Place(long msn, long discontinuity, boolean discontinuous) {}

  /** The target of the group in milliseconds; 0 while it is not known. */
  int targetMs();

  /** The part target of the group in milliseconds; 0 while it is not known. */
  int partTargetMs();

  /** Targets have been learnt: the first that are told hold. */
  void learnt(int targetMs, int partTargetMs);

  /**
   * Where a rendition of which nothing is open begins at a join point.
   *
   * @return null = not here
   */
  @Nullable Place begin(long timeMs);

  /**
   * Where the next segment of an open rendition begins.
   *
   * @param due whether it could end here by its length
   * @return null = not here
   */
  @Nullable Place next(long timeMs, boolean due);

  /** Whether the others began the next segment where this rendition could not. */
  boolean isLost(long timeMs);

  /**
   * What comes does not go on from what was, in this rendition.
   *
   * @return where a segment begins that does not, in all; null = the others go on, and this one
   *     begins anew among them when it can
   */
  @Nullable Place breakOff(long timeMs);

  /** Nothing is open any more. */
  void end();
}
