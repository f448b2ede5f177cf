package dev.sluice.media.hls;

import java.util.List;

/**
 * A segment as a playlist lists it. Pure.
 *
 * @param msn media sequence number
 * @param dateMs time of day at which it begins, in milliseconds since the Unix epoch
 * @param durationMs of a whole segment; of one that is not whole yet, of its parts so far
 * @param discontinuity its discontinuity sequence number
 * @param discontinuous it does not go on from the one before
 * @param config which initialization it needs: {@link dev.sluice.media.segment.SegmentMark#config}
 * @param whole nothing more comes
 * @param parts those to list: none of one that is whole and old
 * @param gap it cannot be had any more, and is listed for its time and number only
 */
public record ListedSegment(
    long msn,
    long dateMs,
    int durationMs,
    long discontinuity,
    boolean discontinuous,
    long config,
    boolean whole,
    List<ListedPart> parts,
    boolean gap) {

  /** One that can be had. */
  public ListedSegment(
      long msn,
      long dateMs,
      int durationMs,
      long discontinuity,
      boolean discontinuous,
      long config,
      boolean whole,
      List<ListedPart> parts) {
    this(msn, dateMs, durationMs, discontinuity, discontinuous, config, whole, parts, false);
  }

  /** Copies the list. */
  public ListedSegment {
    parts = List.copyOf(parts);
  }

  /** When it ends, as far as it is known. */
  public long endMs() {
    return dateMs + durationMs;
  }

  /** The same without parts. */
  public ListedSegment withoutParts() {
    return new ListedSegment(
        msn, dateMs, durationMs, discontinuity, discontinuous, config, whole, List.of(), gap);
  }
}
