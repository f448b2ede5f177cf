package dev.sluice.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for something that other threads or processes bring about, with a deadline. */
public final class Await {
  private static final long POLL_NANOS = 5_000_000;

  private Await() {}

  /**
   * Polls every 5 ms until the condition holds.
   *
   * @throws AssertionError naming {@code what} when the limit passes first
   */
  public static void until(Duration limit, String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + limit.toMillis() + " ms: " + what);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
