package dev.sluice.cluster;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An operator's order that a node gets no new viewers, or gets them again. It is given to one
 * balancer; the node carries it on to the others in its heartbeats and keeps it over a restart.
 *
 * @param draining true = no new viewers; false takes the order before it back
 * @param reason for people, at most {@value #LONGEST_REASON} characters
 * @param by who gave it, for people, at most {@value #LONGEST_BY} characters
 * @param atMs when it was given, milliseconds since 1970; of two orders the later counts
 * @param deadlineMs when the operator means to take the node away; 0 = not said. Nothing happens
 *     then
 * @param untilMs when a drain ends by itself; 0 = when it is taken back
 */
public record DrainOrder(
    boolean draining, String reason, String by, long atMs, long deadlineMs, long untilMs) {
  /** Longest reason. */
  public static final int LONGEST_REASON = 200;

  /** Longest name of who gave it. */
  public static final int LONGEST_BY = 200;

  private static final long LATEST_MS = 1L << 53;

  // What ends a line, moves the cursor, turns the direction of writing or is half a character.
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\u2028\u2029]");

  /** Makes its texts ones that can be shown; rejects what is too long and times that cannot be. */
  public DrainOrder {
    reason = UNSEEN.matcher(reason).replaceAll(" ");
    by = UNSEEN.matcher(by).replaceAll(" ");
    if (reason.length() > LONGEST_REASON || by.length() > LONGEST_BY) {
      throw new IllegalArgumentException(
          "drain: a reason of "
              + reason.length()
              + " characters by one of "
              + by.length()
              + " (expected: at most "
              + LONGEST_REASON
              + " each)");
    }
    if (!time(atMs) || !time(deadlineMs) || !time(untilMs)) {
      throw new IllegalArgumentException(
          "drain: at "
              + atMs
              + ", deadline "
              + deadlineMs
              + ", until "
              + untilMs
              + " (expected: milliseconds since 1970)");
    }
  }

  private static boolean time(long ms) {
    return ms >= 0 && ms < LATEST_MS;
  }

  /** The same given at another time. */
  public DrainOrder at(long ms) {
    return new DrainOrder(draining, reason, by, ms, deadlineMs, untilMs);
  }

  /** True if the node shall get no new viewers at this time of the wall clock. */
  public boolean inForce(long nowMs) {
    return draining && (untilMs == 0 || nowMs < untilMs);
  }

  /**
   * The order that counts: the later one, and of two of the same time the drain, then the one that
   * lasts longer, so that all who know both agree.
   */
  public static Optional<DrainOrder> later(Optional<DrainOrder> a, Optional<DrainOrder> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isEmpty() ? b : a;
    }
    return a.get().precedes(b.get()) ? b : a;
  }

  private boolean precedes(DrainOrder other) {
    if (atMs != other.atMs) {
      return atMs < other.atMs;
    }
    if (draining != other.draining) {
      return other.draining;
    }
    if (untilMs != other.untilMs) {
      return untilMs != 0 && (other.untilMs == 0 || untilMs < other.untilMs);
    }
    return toString().compareTo(other.toString()) < 0;
  }
}
