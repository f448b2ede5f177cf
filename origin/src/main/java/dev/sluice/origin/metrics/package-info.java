/**
 * The catalogue of the origin's own meters, one enum: {@link
 * dev.sluice.origin.metrics.OriginMeters}. Everything in the origin may import it; it imports
 * chassis.metrics only.
 */
@NullMarked
package dev.sluice.origin.metrics;

import org.jspecify.annotations.NullMarked;
