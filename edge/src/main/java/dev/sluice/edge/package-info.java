/**
 * The edge: step two of a view, bytes. Start at {@link dev.sluice.edge.Edge}, which says what a
 * node needs to be one; {@link dev.sluice.edge.EdgeConfig} has its settings.
 *
 * <p>Files come from {@code edge.cache}, sought in by {@code edge.vod}; live streams come from the
 * hub, which {@code edge.live} feeds, and as HLS with what {@code edge.hls} asks the origins for;
 * {@code edge.beacon} hears what viewers see.
 *
 * <p>Threading: nothing here is on a data path.
 *
 * <p>May import {@code edge.beacon}, {@code edge.cache}, {@code edge.hls}, {@code edge.live},
 * {@code edge.vod}, {@code node}, {@code media}, {@code chassis} and {@code cluster}.
 */
@NullMarked
package dev.sluice.edge;

import org.jspecify.annotations.NullMarked;
