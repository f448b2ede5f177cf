/**
 * The catalogue of the origin's own meters, one enum: {@link
 * dev.sluice.origin.metrics.OriginMeters}. Everything in the origin may import it.
 *
 * <p>May import {@code chassis.metrics}.
 */
@NullMarked
package dev.sluice.origin.metrics;

import org.jspecify.annotations.NullMarked;
