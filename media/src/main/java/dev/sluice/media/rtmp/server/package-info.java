/**
 * RTMP on sockets, as the side that encoders and players connect to. Start at {@link
 * dev.sluice.media.rtmp.server.RtmpServer}; a connection is a {@code RtmpServerHandler} that takes
 * one role: it publishes ({@code RtmpPublishing}), hands a publisher on to the origin ({@code
 * RtmpForwarding}), plays live ({@code LiveViewerRole}) or plays a file ({@code FileViewerRole}).
 * Roles know the connection as what they may do with it, {@code RtmpConnection}.
 *
 * <p>Threading: a connection is confined to its event loop. May import {@code media.live}, {@code
 * media.live.fanout}, {@code media.live.timeline}, {@code media.live.pacing}, {@code media.access},
 * {@code media.stream}, {@code media.rtmp}, {@code media.rtmp.client}, {@code media.vod}, {@code
 * media.flv}, {@code media.amf} and {@code chassis}.
 */
@NullMarked
package dev.sluice.media.rtmp.server;

import org.jspecify.annotations.NullMarked;
