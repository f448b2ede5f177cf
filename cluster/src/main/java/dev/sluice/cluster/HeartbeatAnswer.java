package dev.sluice.cluster;

import java.util.Optional;

/**
 * What a balancer answers to a heartbeat.
 *
 * @param pending why the node gets no viewers yet: an operator has to approve it; empty for a
 *     member of the fleet
 * @param drain an order that is later than the one in the heartbeat
 */
public record HeartbeatAnswer(Optional<String> pending, Optional<DrainOrder> drain) {
  /** Taken in, and nothing else to say. */
  public static final HeartbeatAnswer TAKEN =
      new HeartbeatAnswer(Optional.empty(), Optional.empty());

  /** The node has to be approved first. */
  public static HeartbeatAnswer pending(String why) {
    return new HeartbeatAnswer(Optional.of(why), Optional.empty());
  }

  /** Taken in; the node is to obey that order if there is one. */
  public static HeartbeatAnswer taken(Optional<DrainOrder> drain) {
    return drain.isEmpty() ? TAKEN : new HeartbeatAnswer(Optional.empty(), drain);
  }
}
