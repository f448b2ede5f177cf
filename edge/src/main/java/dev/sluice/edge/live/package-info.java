/**
 * Live streams on an edge: one upstream pull per stream, whatever the number of viewers. Start at
 * {@link dev.sluice.edge.live.LiveRelay}; what happens to one stream is in {@code RelayedStream}:
 * whom it asks ({@code UpstreamSearch}, {@code Upstreams}, {@code UpstreamAnswers}), what it takes
 * ({@code RelayPulls}, {@code UpstreamPull}), what it gives to the hub ({@code RelayOutput}) and
 * how long it is kept ({@code RelayTimeouts}). Publishers go the other way: {@link
 * dev.sluice.edge.live.PushForward}, {@code ForwardedStream}, {@code UpstreamPush}.
 *
 * <p>Threading: a relayed stream is confined to one event loop; the relay itself is thread-safe.
 * {@code RelayContext}, {@code Upstream}, {@code RelayPath} and {@code NegativeCache} are shared by
 * all loops. {@code Backoff}, {@code UpstreamHealth} and {@code UpstreamAnswers} are pure. What a
 * standby has kept, and what a publisher sent that no origin has, is in a {@code GopBuffer} of
 * {@code media.live.timeline}.
 *
 * <p>May import {@code media.live}, {@code media.live.timeline}, {@code media.segment}, {@code
 * media.rtmp.client}, {@code media.access}, {@code media.stream}, {@code media.flv} and {@code
 * chassis}.
 */
@NullMarked
package dev.sluice.edge.live;

import org.jspecify.annotations.NullMarked;
