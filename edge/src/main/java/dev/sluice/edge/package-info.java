/**
 * The edge: step two of a view, bytes. Start at {@link dev.sluice.edge.EdgeServer}, whose wiring
 * reads like a table of contents; {@link dev.sluice.edge.EdgeConfig} has every setting.
 *
 * <p>Files come from {@code edge.cache}, live streams from the hub, which {@code edge.live} feeds.
 *
 * <p>Threading: nothing here is on a data path. May import everything in the edge, media, chassis
 * and cluster; never origin or balancer.
 */
@NullMarked
package dev.sluice.edge;

import org.jspecify.annotations.NullMarked;
