/**
 * Load generators: many live viewers in one process ({@link dev.sluice.lab.bench.LiveBench}), a
 * publisher that stamps the send time into each video frame ({@link
 * dev.sluice.lab.bench.BenchPublisher}) and the bare limit of sending ({@link
 * dev.sluice.lab.bench.BareSender}). Method and figures: docs/benchmarks.md.
 *
 * <p>The wire code is the lab's own and reads only heads of messages, so that it costs little with
 * thousands of viewers and shares no fault with the servers it measures; it speaks to any RTMP or
 * HTTP-FLV server, but only on loopback ({@link dev.sluice.lab.bench.LoopbackOnly}), and TLS
 * without a look at certificates ({@link dev.sluice.lab.tls.ClientTls}).
 *
 * <p>Threading: a viewer and its {@code ViewerLoop} are confined to one event loop; the bench
 * itself runs on the caller's thread and crosses with {@code loop.submit}. May import {@code
 * chassis} and {@code lab.tls}.
 */
@NullMarked
package dev.sluice.lab.bench;

import org.jspecify.annotations.NullMarked;
