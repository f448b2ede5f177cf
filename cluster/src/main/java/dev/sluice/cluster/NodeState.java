package dev.sluice.cluster;

/** What a node says of itself. Whether it can be reached is for the balancer to find out. */
public enum NodeState {
  /** Not ready to take viewers yet. */
  STARTING,
  /** Ready. */
  UP,
  /** Keeps the viewers it has and wants no new ones. */
  DRAINING
}
