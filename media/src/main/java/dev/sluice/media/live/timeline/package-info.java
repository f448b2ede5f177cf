/**
 * What is kept of a live stream: its tags in order back to the current keyframe ({@link
 * dev.sluice.media.live.timeline.Timeline}) with what must precede them ({@code SequenceHeaders} of
 * {@code media.flv}), and their bytes, made once for each wire format ({@link
 * dev.sluice.media.live.timeline.EncodedLog}). What others keep of a source to begin anew with, a
 * relay's standby or a publisher that is handed on, is a {@link
 * dev.sluice.media.live.timeline.GopBuffer}. Everything is bounded, per stream and ({@link
 * dev.sluice.media.live.timeline.MediaBudget}) for all streams together.
 *
 * <p>Threading: confined to the event loop of the owner, a stream or a shard; only the budget is
 * shared. Touches no channels and no clocks. May import {@code media.stream}, {@code media.rtmp}
 * and {@code media.flv}.
 */
@NullMarked
package dev.sluice.media.live.timeline;

import org.jspecify.annotations.NullMarked;
