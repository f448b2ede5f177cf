package dev.sluice.media.segment;

/**
 * How often a stream may change its sequence headers, as each change ends a segment and begins a
 * discontinuity: {@value #AT_ONCE} times at once, and once in {@value #EACH_MS} ms. So segments
 * number no more than the seconds that pass, but for a few, and a server that starts anew counts
 * from where none was.
 *
 * <p>Pure; one caller. Times are those of the stream.
 */
final class ChangePace {
  static final int AT_ONCE = 10;
  static final long EACH_MS = 2000;

  private static final long NEVER = -1;

  private long creditMs = AT_ONCE * EACH_MS;
  private long lastMs = NEVER;

  /** Whether it may change now; it has changed then. */
  boolean changes(long timeMs) {
    if (lastMs != NEVER) {
      creditMs = Math.min(AT_ONCE * EACH_MS, creditMs + Math.max(0, timeMs - lastMs));
    }
    lastMs = Math.max(lastMs, timeMs);
    if (creditMs < EACH_MS) {
      return false;
    }
    creditMs -= EACH_MS;
    return true;
  }
}
