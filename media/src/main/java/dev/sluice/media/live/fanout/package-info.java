/**
 * The viewers of live streams. {@link dev.sluice.media.live.fanout.StreamFanout} hands each tag to
 * one {@code FanoutShard} per event loop ({@code StreamShards} has them); there a {@code
 * FormatViewers} per wire format sends the same bytes to all who keep up, and a {@code
 * ViewerCursor} brings up one who does not. Consumers without a socket, as recordings, are {@link
 * dev.sluice.media.live.fanout.StreamListener}s.
 *
 * <p>Threading: a shard, its groups and its viewers are confined to one event loop; {@code
 * StreamFanout} to that of the stream, from which it posts to the shards. May import {@code
 * media.live.timeline}, {@code media.live.pacing}, {@code chassis.auth}, {@code media.stream} and
 * {@code media.flv}.
 */
@NullMarked
package dev.sluice.media.live.fanout;

import org.jspecify.annotations.NullMarked;
