/**
 * The live engine: one publisher in, any number of viewers out. Start at {@link
 * dev.sluice.media.live.LiveHub}, where they meet by name ({@code ViewerAdmission} has those who
 * wait); then follow a tag: {@link dev.sluice.media.live.Publication} -&gt; {@code LiveStream} (one
 * clock for all publishers that come and go) -&gt; {@code media.live.fanout} -&gt; a viewer. {@code
 * media.live.timeline} is what is kept meanwhile, {@code media.live.pacing} decides who gets what,
 * and when.
 *
 * <p>There is no queue per viewer: a viewer is an index into a timeline whose bytes are made once.
 *
 * <p>Threading: a stream is confined to the event loop of its first publisher; {@code LiveHub},
 * {@code PublisherSlot} and counters are shared. May import {@code media.live.fanout}, {@code
 * media.live.timeline}, {@code media.live.pacing}, {@code media.access}, {@code media.segment},
 * {@code media.rendition}, {@code media.stream}, {@code media.flv}, {@code media.amf} and {@code
 * chassis}.
 */
@NullMarked
package dev.sluice.media.live;

import org.jspecify.annotations.NullMarked;
