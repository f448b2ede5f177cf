package dev.sluice.balancer.health;

/**
 * What is known of one node's reachability. Immutable and pure: (state, input, now) -> state.
 *
 * <pre>
 *   NEW ----------- first good probe --------------------------> UP
 *   UP  ----------- `fall` bad probes in a row ----------------> DOWN
 *   UP  ----------- lease over -------------------------------> DOWN
 *   DOWN ---------- good probe --------------------------------> RECOVERING
 *   RECOVERING ---- bad probe ---------------------------------> DOWN
 *   RECOVERING ---- `rise` good ones, hold-down over ----------> UP
 * </pre>
 *
 * <p>The first failure has no hold-down, so that a restart is quick; each further one keeps the
 * node out twice as long. A node needs both: heartbeats, by which it says with its own token that
 * it is there, and probes, by which that is seen to be true. Whatever answers at the URL of a node
 * that is not heard is not that node. Load plays no part: a busy node is not a dead one.
 *
 * @param phase see above
 * @param good good probes in a row
 * @param bad bad probes in a row
 * @param lastProbeMs when the newest probe ended; 0 = never
 * @param failures times it went down, old ones forgiven in part
 * @param failedAtMs when it last went down
 * @param heldUntilMs not up again before this
 * @param upSinceMs when it last came up, or its process was last seen to be a new one
 * @param epoch of its process
 * @param why the reason for the phase, for people; empty when up
 */
public record HealthState(
    Phase phase,
    int good,
    int bad,
    long lastProbeMs,
    double failures,
    long failedAtMs,
    long heldUntilMs,
    long upSinceMs,
    long epoch,
    String why) {

  /** See the picture above. */
  public enum Phase {
    /** Heard of, not confirmed. */
    NEW,
    /** Reachable. */
    UP,
    /** Not reachable. */
    DOWN,
    /** Reachable again, on probation. */
    RECOVERING
  }

  /** A node just heard of. */
  public static HealthState fresh(long epoch, long nowMs) {
    return new HealthState(Phase.NEW, 0, 0, 0, 0, nowMs, 0, nowMs, epoch, "not probed yet");
  }

  /**
   * After a probe that succeeded.
   *
   * @param leased whether the node was heard within the lease; else the probe proves nothing
   */
  public HealthState probeSucceeded(boolean leased, HealthPolicy policy, long nowMs) {
    if (!leased) { // whatever answers there: the node itself says nothing
      return with(phase, 0, 0, nowMs, phase == Phase.UP ? why : "no heartbeat");
    }
    HealthState s = with(phase, good + 1, 0, nowMs, why);
    return switch (phase) {
      case UP -> s;
      case NEW -> s.up(nowMs);
      case DOWN, RECOVERING -> {
        if (s.good >= policy.rise() && nowMs >= heldUntilMs) {
          yield s.up(nowMs);
        }
        String wait =
            nowMs < heldUntilMs
                ? "held out for " + seconds(heldUntilMs - nowMs) + " after repeated failures"
                : s.good + " of " + policy.rise() + " good probes";
        yield s.with(Phase.RECOVERING, s.good, 0, nowMs, wait);
      }
    };
  }

  /** After a probe that failed; the reason is for people. */
  public HealthState probeFailed(String reason, HealthPolicy policy, long nowMs) {
    String said = "probe: " + reason;
    HealthState s = with(phase, 0, bad + 1, nowMs, phase == Phase.NEW ? said : why);
    return switch (phase) {
      case NEW, DOWN -> s;
      case RECOVERING -> s.with(Phase.DOWN, 0, s.bad, nowMs, said);
      case UP -> s.bad >= policy.fall() ? s.down(said, policy, nowMs) : s;
    };
  }

  /**
   * With time gone by and the newest heartbeat of that age.
   *
   * @param nowEpoch of the process that sent it; a new process starts slowly
   */
  public HealthState heard(long nowEpoch, long lastHeartbeatMs, HealthPolicy policy, long nowMs) {
    HealthState s = nowEpoch == epoch ? this : restarted(nowEpoch, nowMs);
    long silentMs = nowMs - lastHeartbeatMs;
    boolean leased = silentMs <= policy.lease().toMillis();
    if (!policy.probe()) {
      return s.byHeartbeatsAlone(leased, silentMs, policy, nowMs);
    }
    if (phase == Phase.UP && !leased) {
      return s.down("no heartbeat for " + seconds(silentMs), policy, nowMs);
    }
    return s;
  }

  private HealthState byHeartbeatsAlone(
      boolean leased, long silentMs, HealthPolicy policy, long nowMs) {
    if (phase == Phase.UP) {
      return leased ? this : down("no heartbeat for " + seconds(silentMs), policy, nowMs);
    }
    if (!leased) {
      return phase == Phase.DOWN ? this : with(Phase.DOWN, 0, 0, 0, "no heartbeat");
    }
    return phase == Phase.NEW || nowMs >= heldUntilMs
        ? up(nowMs)
        : with(Phase.RECOVERING, 0, 0, 0, "held out for " + seconds(heldUntilMs - nowMs));
  }

  private HealthState up(long nowMs) {
    return new HealthState(
        Phase.UP, good, 0, lastProbeMs, failures, failedAtMs, 0, nowMs, epoch, "");
  }

  private HealthState down(String reason, HealthPolicy policy, long nowMs) {
    double halvings = (double) (nowMs - failedAtMs) / policy.forgiveHalfAfter().toMillis();
    double count = failures * Math.pow(0.5, halvings) + 1;
    long hold =
        count < 1.5 ? 0 : policy.holdDown().toMillis() << Math.min(20, Math.round(count) - 2);
    hold = Math.min(hold, policy.longestHoldDown().toMillis());
    return new HealthState(
        Phase.DOWN, 0, bad, lastProbeMs, count, nowMs, nowMs + hold, upSinceMs, epoch, reason);
  }

  private HealthState with(
      Phase nextPhase, int nextGood, int nextBad, long probeMs, String nextWhy) {
    return new HealthState(
        nextPhase,
        nextGood,
        nextBad,
        probeMs,
        failures,
        failedAtMs,
        heldUntilMs,
        upSinceMs,
        epoch,
        nextWhy);
  }

  private HealthState restarted(long nowEpoch, long nowMs) {
    return new HealthState(
        phase, good, bad, lastProbeMs, failures, failedAtMs, heldUntilMs, nowMs, nowEpoch, why);
  }

  private static String seconds(long ms) {
    return (ms + 999) / 1000 + " s";
  }
}
