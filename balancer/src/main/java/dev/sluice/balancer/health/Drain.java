package dev.sluice.balancer.health;

/**
 * An operator's wish that a node gets no new viewers.
 *
 * @param reason for people
 * @param sinceMs milliseconds since 1970
 * @param deadlineMs when the operator means to take the node away; 0 = not said
 * @param by who wishes it
 * @param endsMs balancer's steady clock when it is over; 0 = when it is taken back
 */
public record Drain(String reason, long sinceMs, long deadlineMs, String by, long endsMs) {

  /** One that lasts until it is taken back. */
  public Drain(String reason, long sinceMs, long deadlineMs) {
    this(reason, sinceMs, deadlineMs, "", 0);
  }

  boolean over(long nowMs) {
    return endsMs > 0 && nowMs >= endsMs;
  }
}
