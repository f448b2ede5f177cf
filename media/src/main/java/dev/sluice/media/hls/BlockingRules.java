package dev.sluice.media.hls;

import org.jspecify.annotations.Nullable;

/**
 * When a request for a media playlist is answered (draft-pantos-hls-rfc8216bis, section 6.2.5.2).
 *
 * <table>
 *   <caption>what is asked for, and what comes of it</caption>
 *   <tr><td>nothing</td><td>the list as it is</td></tr>
 *   <tr><td>{@code _HLS_msn=M}</td><td>wait until segment M is whole</td></tr>
 *   <tr><td>{@code _HLS_msn=M&_HLS_part=P}</td><td>wait until that part is there; beyond the last
 *       part of a segment it is the first of the next</td></tr>
 *   <tr><td>what is there, or has been</td><td>the list as it is</td></tr>
 *   <tr><td>M more than {@value #AHEAD} ahead of the list, a part without M, or no number</td>
 *       <td>400</td></tr>
 * </table>
 *
 * <p>Pure.
 */
public final class BlockingRules {
  /** Segments beyond the last one that may be waited for. */
  static final int AHEAD = 2;

  private static final int MOST_DIGITS = 15;

  private BlockingRules() {}

  /** What is asked for. */
  public sealed interface Wanted {
    /** The list as it is. */
    record Now() implements Wanted {}

    /**
     * A list that has a part of a segment.
     *
     * @param part -1 = the whole segment
     */
    record Until(long msn, int part) implements Wanted {
      /** Whether a list has it. */
      public boolean isIn(MediaPlaylist list) {
        return list.ended() || (part < 0 ? list.hasSegment(msn) : list.hasPart(msn, part));
      }

      /** Whether it is too far from a list to be waited for. */
      public boolean isTooFar(MediaPlaylist list) {
        return !list.ended() && msn > list.lastMsn() + AHEAD;
      }
    }

    /** Nothing that makes sense; why, as a sentence. */
    record Bad(String why) implements Wanted {}
  }

  /**
   * Reads a request's parameters, as given; null = not given. What else the query has is ignored.
   */
  public static Wanted wanted(@Nullable String msn, @Nullable String part) {
    if (msn == null) {
      return part == null
          ? new Wanted.Now()
          : new Wanted.Bad("_HLS_part needs _HLS_msn beside it.");
    }
    long segment = number(msn);
    long number = part == null ? -1 : number(part);
    if (segment < 0) {
      return new Wanted.Bad("_HLS_msn must be the number of a segment.");
    }
    if (part != null && (number < 0 || number > Integer.MAX_VALUE)) {
      return new Wanted.Bad("_HLS_part must be the number of a part.");
    }
    return new Wanted.Until(segment, (int) number);
  }

  private static long number(String text) {
    if (text.isEmpty() || text.length() > MOST_DIGITS) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return -1;
      }
    }
    return Long.parseLong(text);
  }

  /** Whether {@code _HLS_skip} asks for an update instead of the whole list. */
  public static boolean skips(@Nullable String skip) {
    return "YES".equals(skip) || "v2".equals(skip);
  }
}
