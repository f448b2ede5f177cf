package dev.sluice.edge.cache;

import dev.sluice.chassis.http.client.HttpClientException;

/** Why bytes could not be had from any origin. */
enum FillFailure {
  /** No origin could be reached or gave a useful answer: 502. */
  UNREACHABLE,
  /** No origin answered in time: 504. */
  TIMEOUT,
  /** The file has another version now. */
  CHANGED,
  /** The cache was closed. */
  CLOSED;

  /** What a question to an origin that got no answer means for those who wait. */
  static FillFailure of(HttpClientException.Reason reason) {
    return switch (reason) {
      case CONNECT_TIMEOUT, FIRST_BYTE_TIMEOUT, IDLE_TIMEOUT -> TIMEOUT;
      case CONNECT, TLS, CLOSED, MALFORMED, CANCELLED -> UNREACHABLE;
    };
  }
}
