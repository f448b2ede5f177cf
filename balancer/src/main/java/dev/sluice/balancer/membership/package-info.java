/**
 * Who belongs to the fleet. Every heartbeat goes through {@link
 * dev.sluice.balancer.membership.Membership}; start there. A node is known by a token of its own
 * ({@link dev.sluice.cluster.NodeToken}), which the configuration lists or an operator approved;
 * until then it is shown and nothing else. What was approved, removed, ordered and learnt is one
 * {@link dev.sluice.balancer.membership.BalancerState}, kept in one small file.
 *
 * <p>Threading: any thread; the state is an immutable snapshot, replaced by compare-and-set, and
 * written by one virtual thread. May import {@code balancer.health}, {@code cluster} and {@code
 * chassis}.
 */
@NullMarked
package dev.sluice.balancer.membership;

import org.jspecify.annotations.NullMarked;
