/**
 * Live streams on an edge: one upstream pull per stream, whatever the number of viewers. Start at
 * {@link dev.sluice.edge.live.LiveRelay}; what happens to one stream is in {@code RelayedStream}.
 *
 * <p>Threading: a relayed stream is confined to one event loop; the relay itself is thread-safe.
 * {@code Backoff} is pure. May import {@code media.live} and {@code chassis}.
 */
@NullMarked
package dev.sluice.edge.live;

import org.jspecify.annotations.NullMarked;
