/**
 * Live streams over HTTP: FLV as a body without end or as WebSocket messages ({@link
 * dev.sluice.media.http.HttpFlvHandler}), what is live as JSON ({@link
 * dev.sluice.media.http.StreamsHandler}), ending a stream or a viewer ({@link
 * dev.sluice.media.http.KickHandler}), and what is told of spans of a stream ({@link
 * dev.sluice.media.http.DateRangeHandler}).
 *
 * <p>Threading: handlers are called on a connection's event loop, to which a session is confined.
 * May import {@code media.live}, {@code media.live.fanout}, {@code media.live.timeline}, {@code
 * media.access}, {@code media.segment}, {@code media.stream} and {@code chassis}.
 */
@NullMarked
package dev.sluice.media.http;

import org.jspecify.annotations.NullMarked;
