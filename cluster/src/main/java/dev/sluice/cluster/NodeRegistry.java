package dev.sluice.cluster;

import java.util.Optional;

/** Keeps the newest heartbeat of each node. Callable from any thread; never blocks. */
public interface NodeRegistry extends HeartbeatSink {
  /**
   * Takes in a heartbeat; one with an older epoch or sequence than the known is ignored.
   *
   * @throws HeartbeatException if there is no room for a further node
   */
  @Override
  HeartbeatAnswer report(Heartbeat heartbeat);

  /** The fleet as known now. */
  FleetView view();

  /** The node of that id as known now. */
  Optional<FleetNode> node(String id);

  /** Forgets a node, for example one that was taken out of service; unknown ids are ignored. */
  void forget(String id);
}
