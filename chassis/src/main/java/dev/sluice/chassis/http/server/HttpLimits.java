package dev.sluice.chassis.http.server;

import java.time.Duration;

/**
 * Limits of an HTTP server that are rarely changed.
 *
 * @param maxUriBytes longest request line; beyond it 414
 * @param headTimeout from the first byte of a head to its last; beyond it the connection is closed
 *     (slowloris)
 * @param stallTimeout a body that does not arrive, or an answer that the client does not take, for
 *     this long ends the connection
 * @param answerTimeout a handler that neither answers nor goes on with its answer for this long is
 *     given up, and an answer that is complete has to be taken within it
 * @param maxConnections open connections; one more is answered with 503
 * @param drainBytes how much of a request body that nobody wants is read to keep the connection
 */
public record HttpLimits(
    int maxUriBytes,
    Duration headTimeout,
    Duration stallTimeout,
    Duration answerTimeout,
    int maxConnections,
    long drainBytes) {

  /** 8 KiB, 10 s, 60 s, 5 min, 15,000 connections, 256 KiB. */
  public static HttpLimits defaults() {
    return new HttpLimits(
        8192,
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        Duration.ofMinutes(5),
        15_000,
        256 * 1024);
  }
}
