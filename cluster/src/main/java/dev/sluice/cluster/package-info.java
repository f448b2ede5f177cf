/**
 * Who is alive, how loaded, and where each live stream is. Every node sends a {@link
 * dev.sluice.cluster.Heartbeat} each second; a {@link dev.sluice.cluster.NodeRegistry} keeps the
 * newest of each node and hands out immutable {@link dev.sluice.cluster.FleetView}s. Whether a node
 * may take viewers is not decided here but by the balancer.
 *
 * <p>Defaults that need nothing installed: {@link dev.sluice.cluster.InProcessRegistry} for one
 * process, {@link dev.sluice.cluster.HttpHeartbeatSender} between processes.
 *
 * <p>Threading: records are immutable; registries may be called from any thread. May import nothing
 * of ours.
 */
@NullMarked
package dev.sluice.cluster;

import org.jspecify.annotations.NullMarked;
