/**
 * Where a client is. Start at {@link dev.sluice.balancer.geo.GeoLocator}: an address becomes a
 * region, first by the operator's networks, then by the country in a database, else the default.
 *
 * <p>Threading: lookups from any thread, without locks; {@link
 * dev.sluice.balancer.geo.GeoDatabaseWatch} reloads the database from a virtual thread and swaps it
 * in whole. May import {@code balancer.routing} and {@code chassis}. The only package that imports
 * the MaxMind DB reader.
 */
@NullMarked
package dev.sluice.balancer.geo;

import org.jspecify.annotations.NullMarked;
