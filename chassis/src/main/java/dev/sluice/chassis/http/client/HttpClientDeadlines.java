package dev.sluice.chassis.http.client;

import java.time.Duration;

/**
 * How long to wait for a server that is asked.
 *
 * @param connect until the connection stands; as long before it to find the address of a name, and
 *     as long again for the handshake of TLS
 * @param firstByte from there until the answer's head
 * @param idle between two pieces of the body, while not paused; how long it may take in all, and
 *     how long it may be paused, is for the owner of the call to bound
 * @param keepAlive how long an unused connection is kept
 */
public record HttpClientDeadlines(
    Duration connect, Duration firstByte, Duration idle, Duration keepAlive) {
  /** 2 s, 10 s, 10 s, 20 s. */
  public static HttpClientDeadlines defaults() {
    return new HttpClientDeadlines(
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(20));
  }
}
