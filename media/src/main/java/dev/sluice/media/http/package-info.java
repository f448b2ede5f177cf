/**
 * Live streams over HTTP: FLV as a body without end or as WebSocket messages ({@link
 * dev.sluice.media.http.HttpFlvHandler}), what is live as JSON ({@link
 * dev.sluice.media.http.StreamsHandler}), and ending a stream or a viewer ({@link
 * dev.sluice.media.http.KickHandler}).
 *
 * <p>Threading: handlers are called on a connection's event loop, to which a session is confined.
 * May import {@code media.live}, {@code media.live.fanout}, {@code media.live.timeline}, {@code
 * media.access}, {@code media.stream} and {@code chassis}.
 */
@NullMarked
package dev.sluice.media.http;

import org.jspecify.annotations.NullMarked;
