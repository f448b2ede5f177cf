/**
 * One question, one answer: where does this client go? {@link
 * dev.sluice.balancer.dispatch.Dispatcher} joins location, health, load and the router, and notes
 * what was answered. DNS and HTTP both ask here, so that they answer alike.
 *
 * <p>Threading: any thread; never blocks. May import {@code balancer.geo}, {@code balancer.health},
 * {@code balancer.routing} and {@code chassis}.
 */
@NullMarked
package dev.sluice.balancer.dispatch;

import org.jspecify.annotations.NullMarked;
