/**
 * Step 1 of a viewer's way: where? {@link dev.sluice.balancer.BalancerServer} wires DNS and HTTP to
 * one {@link dev.sluice.balancer.routing.Router}; read it first, it is the table of contents. The
 * balancer knows nothing of media.
 *
 * <p>Threading: see the packages; this one only puts them together. May import {@code balancer},
 * {@code cluster} and {@code chassis}.
 */
@NullMarked
package dev.sluice.balancer;

import org.jspecify.annotations.NullMarked;
