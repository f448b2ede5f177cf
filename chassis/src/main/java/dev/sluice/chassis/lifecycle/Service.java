package dev.sluice.chassis.lifecycle;

import java.time.Duration;

/**
 * Something that is started, drained and stopped, in that order.
 *
 * <p>Threading: the three calls come from one thread, never from an event loop, and may block.
 */
public interface Service extends AutoCloseable {

  /**
   * Returns when the service serves.
   *
   * @throws Exception with a message for the operator; {@link #close} is not called after it
   */
  void start() throws Exception;

  /**
   * Takes no new work and lets the work at hand end.
   *
   * @param limit longest time to wait; work left after it is cut by {@link #close}
   */
  default void drain(Duration limit) {}

  /** Stops at once. Safe to call twice, and on a service that never started. */
  @Override
  void close();
}
