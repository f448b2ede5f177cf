/**
 * The origin: the source of truth for files and live streams. Start at {@link
 * dev.sluice.origin.OriginServer}, whose wiring reads like a table of contents; {@link
 * dev.sluice.origin.OriginConfig} has every setting.
 *
 * <p>Threading: nothing here is on a data path.
 *
 * <p>May import {@code origin.files}, {@code origin.ingest}, {@code origin.metrics}, {@code media},
 * {@code chassis} and {@code cluster}.
 */
@NullMarked
package dev.sluice.origin;

import org.jspecify.annotations.NullMarked;
