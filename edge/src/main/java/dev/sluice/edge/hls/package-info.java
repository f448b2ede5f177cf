/**
 * What an edge asks the origins for HLS: playlists that fill the holes in what its own streams told
 * it, and media that it could not make. See {@link dev.sluice.edge.hls.OriginHls}.
 *
 * <p>Threading: a question is confined to the loop it is sent from. May import {@code edge.cache},
 * {@code media.hls}, {@code media.hls.live}, {@code media.stream} and {@code chassis}.
 */
@NullMarked
package dev.sluice.edge.hls;

import org.jspecify.annotations.NullMarked;
