/**
 * Step 1 of a viewer's way: where? {@link dev.sluice.balancer.BalancerServer} wires DNS and HTTP to
 * one {@link dev.sluice.balancer.routing.Router}; read it first, it is the table of contents. The
 * balancer knows nothing of media.
 *
 * <p>Threading: see the packages; this one only puts them together. Imports {@code chassis} and
 * {@code cluster}, never {@code media}, {@code edge} or {@code origin}.
 */
@NullMarked
package dev.sluice.balancer;

import org.jspecify.annotations.NullMarked;
