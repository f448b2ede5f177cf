/**
 * What the balancer answers over HTTP: redirects of viewers, the routing decision explained, the
 * fleet, heartbeats, drains, and the page. Start at {@link
 * dev.sluice.balancer.http.BalancerRoutes}, the list of all URLs.
 *
 * <p>Threading: handlers run on the connection's event loop and do not block; only the page's files
 * are read aside. May import {@code balancer.dispatch}, {@code balancer.geo}, {@code
 * balancer.health}, {@code balancer.membership}, {@code balancer.routing}, {@code cluster} and
 * {@code chassis}.
 */
@NullMarked
package dev.sluice.balancer.http;

import org.jspecify.annotations.NullMarked;
