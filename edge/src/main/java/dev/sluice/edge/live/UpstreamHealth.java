package dev.sluice.edge.live;

import dev.sluice.chassis.lifecycle.Backoff;
import java.time.Duration;

/**
 * What an edge has seen of one upstream: whether it answers, and how far away it is.
 *
 * <p>The round trip is smoothed as TCP does it (RFC 6298): from it follow how long to wait for the
 * upstream, and its <em>cost</em>, by which upstreams are compared. The cost is a time: the round
 * trip, and what failures are expected to cost. A failure counts as a second, doubled with each
 * further one in a row; after it has answered again, half a second that fades by half each half
 * minute, so that an upstream that comes and goes is not preferred at once.
 *
 * <p>Pure; immutable. Times are of {@link System#nanoTime}.
 *
 * @param failures attempts in a row that it did not answer
 * @param failedNanos the last of them, or {@link #NEVER}
 * @param answeredNanos the last answer, or {@link #NEVER}
 * @param notBeforeNanos when to try again, while it fails
 * @param rttMs smoothed round trip; negative while unknown
 * @param rttVarianceMs how much it varies
 */
record UpstreamHealth(
    int failures,
    long failedNanos,
    long answeredNanos,
    long notBeforeNanos,
    double rttMs,
    double rttVarianceMs) {
  static final long NEVER = Long.MIN_VALUE;
  static final UpstreamHealth UNKNOWN = new UpstreamHealth(0, NEVER, NEVER, NEVER, -1, 0);

  private static final double FAILURE_MS = 1000;
  private static final int MOST_DOUBLINGS = 6;
  private static final double RECENT_FAILURE_MS = 500;
  private static final double FADE_NANOS = 30e9;

  /** A SYN that is lost is sent again after a second. */
  private static final long LOST_SYN_MS = 1000;

  private static final long LEAST_COMMAND_MS = 2000;
  private static final int COMMAND_ROUND_TRIPS = 8;
  private static final long LEAST_HEDGE_MS = 250;
  private static final long MOST_HEDGE_MS = 2000;
  private static final int HEDGE_ROUND_TRIPS = 6;

  /** It took a connection. */
  UpstreamHealth connected(long rttNanos) {
    double sample = Math.max(rttNanos, 0) / 1e6;
    double srtt = sample;
    double variance = sample / 2;
    if (rttMs >= 0) {
      variance = 0.75 * rttVarianceMs + 0.25 * Math.abs(rttMs - sample);
      srtt = 0.875 * rttMs + 0.125 * sample;
    }
    return new UpstreamHealth(failures, failedNanos, answeredNanos, notBeforeNanos, srtt, variance);
  }

  /** It answered, whatever it said. */
  UpstreamHealth answered(long nowNanos) {
    return new UpstreamHealth(0, failedNanos, nowNanos, NEVER, rttMs, rttVarianceMs);
  }

  /**
   * It did not answer an attempt. Attempts that ran side by side are one failure.
   *
   * @param startedNanos when the attempt began
   * @param random in [0, 1), for the jitter
   */
  UpstreamHealth failed(long startedNanos, long nowNanos, Backoff backoff, double random) {
    if (failures > 0 && startedNanos - failedNanos < 0) {
      return this;
    }
    int now = failures + 1;
    long notBefore = nowNanos + backoff.delay(now, random).toNanos();
    return new UpstreamHealth(now, nowNanos, answeredNanos, notBefore, rttMs, rttVarianceMs);
  }

  /** A connection to it broke: it may be gone, which one attempt at once will show. */
  UpstreamHealth suspected(long nowNanos) {
    return failures > 0
        ? this
        : new UpstreamHealth(1, nowNanos, answeredNanos, nowNanos, rttMs, rttVarianceMs);
  }

  /** Whether it is not known to answer now. */
  boolean failing() {
    return failures > 0;
  }

  /** The lower, the better. */
  double costMs(long nowNanos) {
    double cost = Math.max(rttMs, 0);
    if (failures > 0) {
      return cost + FAILURE_MS * (1 << Math.min(failures - 1, MOST_DOUBLINGS));
    }
    if (failedNanos != NEVER) {
      cost += RECENT_FAILURE_MS * Math.pow(0.5, (nowNanos - failedNanos) / FADE_NANOS);
    }
    return cost;
  }

  /**
   * Time for the TCP connection: room for one lost packet. Twice that for each failure, as all
   * times here: a line that loses three packets of ten answers, but late.
   */
  Duration connectTimeout(Duration most) {
    return rttMs < 0 ? most : shorter(afterFailures(LOST_SYN_MS + 3 * patienceMs()), most);
  }

  /** Time for handshake and commands after that: four round trips, and room for lost packets. */
  Duration commandTimeout(Duration most) {
    return rttMs < 0
        ? most
        : shorter(afterFailures(LEAST_COMMAND_MS + COMMAND_ROUND_TRIPS * patienceMs()), most);
  }

  private double afterFailures(double ms) {
    return ms * (1 << Math.min(failures, MOST_DOUBLINGS));
  }

  /** How long to wait for media before another upstream is asked as well. */
  Duration hedgeDelay() {
    double wait = rttMs < 0 ? LEAST_HEDGE_MS : LEAST_HEDGE_MS + HEDGE_ROUND_TRIPS * patienceMs();
    return shorter(wait, Duration.ofMillis(MOST_HEDGE_MS));
  }

  private double patienceMs() {
    return rttMs + 4 * rttVarianceMs;
  }

  private static Duration shorter(double ms, Duration most) {
    return ms >= most.toMillis() ? most : Duration.ofMillis((long) ms);
  }
}
