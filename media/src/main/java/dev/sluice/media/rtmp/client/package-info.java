/**
 * RTMP on sockets, as the side that connects: {@link dev.sluice.media.rtmp.client.RtmpPull} takes a
 * stream from another server, {@link dev.sluice.media.rtmp.client.RtmpPush} sends one to it. The
 * owner is told of everything by a {@link dev.sluice.media.rtmp.client.ClientListener}; it decides
 * whether to try again.
 *
 * <p>Threading: a connection is confined to its event loop, on which the listener is called. May
 * import {@code media.rtmp}, {@code media.flv}, {@code media.stream} and {@code chassis}.
 */
@NullMarked
package dev.sluice.media.rtmp.client;

import org.jspecify.annotations.NullMarked;
