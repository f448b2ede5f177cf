/**
 * Which edge serves a viewer, and why no other. Start at {@link
 * dev.sluice.balancer.routing.Router}: {@code route(request, fleet, loads, location, now) ->
 * RoutingDecision}.
 *
 * <p>Pure: no channels, files, clocks, threads, loggers or meters, so the simulations run this very
 * code in virtual time. The one thing with memory is {@link
 * dev.sluice.balancer.routing.LoadEstimate}, which takes the time as an argument too.
 *
 * <p>Threading: any thread. Imports the cluster's records and the configuration annotations only.
 */
@NullMarked
package dev.sluice.balancer.routing;

import org.jspecify.annotations.NullMarked;
