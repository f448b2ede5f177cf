package dev.sluice.cluster;

/** Keeps the newest heartbeat of each node. Callable from any thread; never blocks. */
public interface NodeRegistry extends HeartbeatSink {
  /** Takes in a heartbeat; one with an older epoch or sequence than the known is ignored. */
  @Override
  void report(Heartbeat heartbeat);

  /** The fleet as known now. */
  FleetView view();

  /** Forgets a node, for example one that was taken out of service; unknown ids are ignored. */
  void forget(String id);
}
