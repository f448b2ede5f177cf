/**
 * Which edge serves a viewer, and why no other. Start at {@link
 * dev.sluice.balancer.routing.Router}: {@code route(request, fleet, loads, location, now) ->
 * RoutingDecision}.
 *
 * <p>Pure: no channels, files, clocks, threads, loggers or meters, so the simulations run this very
 * code in virtual time. What has a memory ({@link dev.sluice.balancer.routing.Assigner}, and what
 * it uses) takes the time as an argument too.
 *
 * <p>Threading: any thread. May import {@code cluster} and {@code chassis.config}.
 */
@NullMarked
package dev.sluice.balancer.routing;

import org.jspecify.annotations.NullMarked;
