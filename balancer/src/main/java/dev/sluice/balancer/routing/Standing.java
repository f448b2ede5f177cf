package dev.sluice.balancer.routing;

/** Whether a node may take new viewers, whatever its load. */
public enum Standing {
  /** It may. */
  UP,
  /** It says that it is not ready yet, or nothing has confirmed that it can be reached. */
  STARTING,
  /** It or an operator wants no new viewers. */
  DRAINING,
  /** It answers again after a failure and has to prove itself; named when there is nobody else. */
  RECOVERING,
  /**
   * It cannot be reached, like so many others at once that the fault may lie in the way to them;
   * named when there is nobody else.
   */
  DOUBTED,
  /** It cannot be reached. */
  DOWN;

  /** True if it may take viewers whom nobody else can take. */
  public boolean lastResort() {
    return this == RECOVERING || this == DOUBTED;
  }
}
