/**
 * Live streams on an edge: one upstream pull per stream, whatever the number of viewers. Start at
 * {@link dev.sluice.edge.live.LiveRelay}; what happens to one stream is in {@code RelayedStream}:
 * whom it asks ({@code Upstreams}, {@code UpstreamAnswers}), what it takes ({@code RelayPulls},
 * {@code UpstreamPull}) and what it gives to the hub ({@code RelayOutput}).
 *
 * <p>Threading: a relayed stream is confined to one event loop; the relay itself is thread-safe.
 * {@code Upstream}, {@code RelayPath} and {@code NegativeCache} are shared by all loops. {@code
 * Backoff}, {@code UpstreamHealth} and {@code UpstreamAnswers} are pure. May import {@code
 * media.live}, {@code media.live.timeline} (for its {@code GopBuffer}: what a standby has kept, and
 * what a publisher sent that no origin has), {@code media.access}, {@code media.rtmp.client},
 * {@code media.stream}, {@code media.flv} and {@code chassis}.
 */
@NullMarked
package dev.sluice.edge.live;

import org.jspecify.annotations.NullMarked;
