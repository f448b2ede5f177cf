package dev.sluice.cluster;

/** Somewhere heartbeats go: a balancer in this process, or one over HTTP. */
@FunctionalInterface
public interface HeartbeatSink {
  /**
   * Delivers one heartbeat. May block up to its own deadline; call it from a virtual thread.
   *
   * @return what the receiver wants the node to know
   * @throws Exception when it could not be delivered; the caller tries again with the next one
   */
  HeartbeatAnswer report(Heartbeat heartbeat) throws Exception;
}
