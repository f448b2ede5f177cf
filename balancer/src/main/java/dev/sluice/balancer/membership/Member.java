package dev.sluice.balancer.membership;

/**
 * What is known of a member beside its heartbeat.
 *
 * @param fingerprint of its token; empty for a node of this process
 * @param claimedEgress what it says it can send, bits per second
 * @param claimedSessions what it says it can serve
 * @param clock how far its clock is from ours
 * @param heardMs steady clock
 */
public record Member(
    String fingerprint, long claimedEgress, int claimedSessions, ClockSkew clock, long heardMs) {}
