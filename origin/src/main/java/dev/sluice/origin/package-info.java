/**
 * The origin: the source of truth for files and live streams. Start at {@link
 * dev.sluice.origin.OriginServer}, whose wiring reads like a table of contents; {@link
 * dev.sluice.origin.OriginConfig} has every setting.
 *
 * <p>Threading: nothing here is on a data path. May import everything in the origin, media, chassis
 * and cluster; never edge or balancer.
 */
@NullMarked
package dev.sluice.origin;

import org.jspecify.annotations.NullMarked;
