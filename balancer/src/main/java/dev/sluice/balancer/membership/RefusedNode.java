package dev.sluice.balancer.membership;

import dev.sluice.cluster.HeartbeatException.Reason;
import dev.sluice.cluster.Role;

/**
 * The last heartbeat that was refused though it came in the name of a node of the fleet.
 *
 * @param role that it claimed
 * @param region the same
 * @param fingerprint of the token that it showed; empty = none
 * @param why a sentence, as the sender was told
 * @param from where it came from
 * @param lastMs steady clock
 */
public record RefusedNode(
    String id,
    Role role,
    String region,
    String fingerprint,
    Reason reason,
    String why,
    String from,
    long lastMs) {}
