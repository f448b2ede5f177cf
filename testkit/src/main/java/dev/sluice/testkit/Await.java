package dev.sluice.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for something that other threads or processes bring about, with a deadline that only says
 * when to give up: {@link #PATIENCE} at the least, as a machine may be busy with other things. How
 * long it took is no business of a test.
 */
public final class Await {
  /** How long anything may take at the least before a test gives up. */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final long POLL_NANOS = 5_000_000;

  private Await() {}

  /** Polls every 5 ms until the condition holds, with {@link #PATIENCE}. */
  public static void until(String what, BooleanSupplier condition) {
    until(PATIENCE, what, condition);
  }

  /**
   * Polls every 5 ms until the condition holds.
   *
   * @param atLeast a lower bound of how long to wait; never less than {@link #PATIENCE}
   * @throws AssertionError naming {@code what} when that has passed
   */
  public static void until(Duration atLeast, String what, BooleanSupplier condition) {
    Duration patience = atLeast.compareTo(PATIENCE) > 0 ? atLeast : PATIENCE;
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + patience.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
