/**
 * What players say of what their viewers see. Start at {@link
 * dev.sluice.edge.beacon.BeaconHandler}, which takes a {@code Beacon} from whoever sends one,
 * within a pace per address, counts it in {@link dev.sluice.edge.beacon.BeaconMeters} and adds it
 * to what {@code /api/streams} tells of the stream; {@link dev.sluice.edge.beacon.ClockHandler}
 * gives players the time of day and the date of a stream's pictures, by which they know their
 * latency.
 *
 * <p>A viewer's word is counted, within limits, and nothing else: no choice is made by it.
 *
 * <p>Threading: any event loop. May import {@code media.flv}, {@code media.live}, {@code
 * media.live.fanout}, {@code media.stream} and {@code chassis}.
 */
@NullMarked
package dev.sluice.edge.beacon;

import org.jspecify.annotations.NullMarked;
