package dev.sluice.cluster;

/** Somewhere heartbeats go: a registry in this process, or a balancer over HTTP. */
@FunctionalInterface
public interface HeartbeatSink {
  /**
   * Delivers one heartbeat. May block up to its own deadline; call it from a virtual thread.
   *
   * @throws Exception when it could not be delivered; the caller tries again with the next one
   */
  void report(Heartbeat heartbeat) throws Exception;
}
