package dev.sluice.balancer.health;

/**
 * An operator's wish that a node gets no new viewers.
 *
 * @param reason for people
 * @param sinceMs balancer's clock, milliseconds since 1970
 * @param deadlineMs when the operator means to take the node away; 0 = not said
 */
public record Drain(String reason, long sinceMs, long deadlineMs) {}
