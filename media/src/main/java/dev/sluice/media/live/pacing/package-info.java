/**
 * Who gets what, and when: frames are left out for a line that is too slow ({@link
 * dev.sluice.media.live.pacing.DropController}, by what {@link
 * dev.sluice.media.live.pacing.InFlightWindow} and {@link
 * dev.sluice.media.live.pacing.ThroughputEstimator} have learnt of it), sends are gathered by what
 * they cost ({@link dev.sluice.media.live.pacing.FlushPolicy}), publishers are read less often on a
 * loop that gathers anyway ({@link dev.sluice.media.live.pacing.ReadBatching}).
 *
 * <p>Pure: no channels, clocks or meters, so that simulations run it in virtual time. Threading:
 * confined to the caller's event loop. May import nothing of ours.
 */
@NullMarked
package dev.sluice.media.live.pacing;

import org.jspecify.annotations.NullMarked;
