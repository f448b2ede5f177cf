package dev.sluice.balancer.routing;

/** Whether a node may take new viewers, whatever its load. */
public enum Standing {
  /** It may. */
  UP,
  /** It says that it is not ready yet, or nothing has confirmed that it can be reached. */
  STARTING,
  /** It or an operator wants no new viewers. */
  DRAINING,
  /** It answers again after a failure and has to prove itself. */
  RECOVERING,
  /** It cannot be reached. */
  DOWN
}
