package dev.sluice.edge.live;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.stream.StreamKey;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of one relay share.
 *
 * <p>Threading: any thread.
 *
 * @param hub where the streams are published on this edge
 * @param parentQuery what parents are shown to let this edge in, as the query of a stream's name
 * @param tls whom to trust when upstreams are asked over TLS
 * @param standbys how many upstreams stand by now
 */
record RelayContext(
    LiveHub hub,
    EventLoops loops,
    RelayConfig config,
    Upstreams upstreams,
    Function<StreamKey, String> parentQuery,
    @Nullable ClientTls tls,
    Meters meters,
    AtomicInteger standbys) {

  /** The query with which to ask an upstream for a stream. */
  String query(Upstream upstream, StreamKey key) {
    return upstream.tier() == Upstream.Tier.PARENT ? parentQuery.apply(key) : "";
  }
}
