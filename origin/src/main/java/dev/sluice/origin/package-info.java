/**
 * The origin: the source of truth for files and live streams. Start at {@link
 * dev.sluice.origin.Origin}, which says what a node needs to be one; {@link
 * dev.sluice.origin.OriginConfig} has its settings.
 *
 * <p>Threading: nothing here is on a data path.
 *
 * <p>May import {@code origin.dvr}, {@code origin.files}, {@code origin.files.local}, {@code
 * origin.ingest}, {@code origin.metrics}, {@code origin.transcode}, {@code node}, {@code media},
 * {@code chassis} and {@code cluster}.
 */
@NullMarked
package dev.sluice.origin;

import org.jspecify.annotations.NullMarked;
