/**
 * Seeking in the edge's FLV files over HTTP: a player asks again with a time or a position and gets
 * the file from the keyframe there on. Start at {@link dev.sluice.edge.vod.FlvSeekHandler}, which
 * tells such requests from others; {@code KeyframeFinder} looks for the place, and the cache
 * answers.
 *
 * <p>Threading: all of a request is confined to its event loop, and nothing waits there.
 *
 * <p>May import {@code edge.cache}, {@code media.vod} and {@code chassis}.
 */
@NullMarked
package dev.sluice.edge.vod;

import org.jspecify.annotations.NullMarked;
