package dev.sluice.edge.cache;

/** Why bytes could not be had from any origin. */
enum FillFailure {
  /** No origin could be reached or gave a useful answer: 502. */
  UNREACHABLE,
  /** No origin answered in time: 504. */
  TIMEOUT,
  /** The file has another version now. */
  CHANGED,
  /** The cache was closed. */
  CLOSED
}
