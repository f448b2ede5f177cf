/**
 * What a server counts. Each module lists its meters in an enum that implements {@link
 * dev.sluice.chassis.metrics.MeterDoc}; {@link dev.sluice.chassis.metrics.Meters} registers them
 * and writes the Prometheus text. docs/metrics.md comes from the same enums by {@link
 * dev.sluice.chassis.metrics.MeterReference}.
 *
 * <p>Threading: every method may be called from any thread. May import nothing of ours.
 */
@NullMarked
package dev.sluice.chassis.metrics;

import org.jspecify.annotations.NullMarked;
