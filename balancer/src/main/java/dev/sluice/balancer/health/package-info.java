/**
 * Which nodes may take viewers. {@link dev.sluice.balancer.health.HealthState} is the pure rule,
 * {@link dev.sluice.balancer.health.HealthProber} asks every node, and {@link
 * dev.sluice.balancer.health.FleetHealth} joins heartbeats, probes and operators' drains into the
 * fleet that routing chooses from. Start there.
 *
 * <p>Threading: the state of each node changes atomically in a concurrent map; probes wait in
 * virtual threads; the fleet is an immutable snapshot of at most a tenth of a second ago. May
 * import {@code balancer.routing}, {@code cluster} and {@code chassis}.
 */
@NullMarked
package dev.sluice.balancer.health;

import org.jspecify.annotations.NullMarked;
