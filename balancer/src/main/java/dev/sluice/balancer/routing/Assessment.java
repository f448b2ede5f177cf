package dev.sluice.balancer.routing;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of one edge in one decision.
 *
 * @param edge the edge
 * @param load as reckoned with; null when it was not looked at
 * @param bound the load up to which it takes its share, 0 when not looked at
 * @param verdict what became of it
 */
public record Assessment(Candidate edge, @Nullable Load load, double bound, Verdict verdict) {

  /** What became of an edge. */
  public enum Verdict {
    /** The viewer goes here. */
    CHOSEN,
    /** Ranked after the chosen one. */
    ALTERNATIVE,
    /** Its region passes some viewers on, and this is one of them. */
    SPILLED,
    /** Has room by its report, but hardly for those who are on their way to it. */
    FILLING,
    /** At or above the use at which an edge gets no new viewers. */
    FULL,
    /** Up again after it failed, and held out as long as there is another. */
    HELD_OUT,
    /** Up, with more room than the ranked ones or less; the ranked ones suffice. */
    NOT_NEEDED,
    /** Has no URL with TLS, and the viewer came with it. */
    NO_HTTPS,
    /** Has no IPv4 address, and the viewer has that alone. */
    NO_IPV4,
    /** Has no IPv6 address, and the viewer has that alone. */
    NO_IPV6,
    /** None of its addresses of the viewer's family answers. */
    DEAD_ADDRESS,
    /** Not up, see its standing. */
    NOT_ELIGIBLE,
    /** Nearer regions suffice. */
    FARTHER
  }

  /** The verdict in words, for people. */
  public String why() {
    return switch (verdict) {
      case CHOSEN ->
          edge.standing() == Standing.UP ? "chosen" : "chosen, as no other can: " + edge.why();
      case ALTERNATIVE ->
          edge.standing() != Standing.UP
              ? "if all else fails: " + edge.why()
              : overBound() ? "has room but more than its share of viewers" : "has room";
      case SPILLED -> "has room, but its region is nearly full and passes this viewer on";
      case FILLING ->
          String.format(
              Locale.ROOT, "nearly full with those on their way to it: %.0f%%", 100 * expected());
      case FULL -> String.format(Locale.ROOT, "full: %.0f%% in use", 100 * use());
      case NOT_NEEDED -> "not needed";
      case HELD_OUT, NOT_ELIGIBLE ->
          edge.why().isEmpty() ? edge.standing().name().toLowerCase(Locale.ROOT) : edge.why();
      case NO_HTTPS -> "no https URL";
      case NO_IPV4 -> "no IPv4 address";
      case NO_IPV6 -> "no IPv6 address";
      case DEAD_ADDRESS -> "no address of the client's family answers";
      case FARTHER -> "farther away than what was chosen";
    };
  }

  /** True if it already has more than its share of its region's viewers. */
  public boolean overBound() {
    return load != null && load.load() >= bound;
  }

  double use() {
    return load == null ? 0 : load.use();
  }

  double expected() {
    return load == null ? 0 : load.expected();
  }

  Assessment as(Verdict other) {
    return new Assessment(edge, load, bound, other);
  }
}
