/**
 * The live engine: one publisher in, any number of viewers out. Start at {@link
 * dev.sluice.media.live.LiveHub}; then follow a tag: {@link dev.sluice.media.live.RtmpServer} -&gt;
 * {@link dev.sluice.media.live.Publication} -&gt; {@code LiveStream} (one clock) -&gt; {@code
 * StreamFanout} (the current GOP) -&gt; {@code FanoutShard} (one per stream and event loop) -&gt;
 * {@code Lane} (one per wire format: the shared bytes) -&gt; {@code ViewerCursor} (a viewer's
 * place).
 *
 * <p>There is no queue per viewer: a viewer is an index into a timeline whose bytes are made once.
 * {@code Ladder}, {@code FlushPolicy}, {@code StreamClock} and {@code Timeline} are pure.
 *
 * <p>Threading: each object is confined to one event loop, named in its Javadoc. Crossings: {@code
 * StreamFanout} posts tags to shards, shards attach to it. Only {@code LiveHub} and counters are
 * shared. May import {@code media.flv}, {@code media.rtmp}, {@code media.amf} and {@code chassis}.
 */
@NullMarked
package dev.sluice.media.live;

import org.jspecify.annotations.NullMarked;
