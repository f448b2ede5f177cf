package dev.sluice.media.rtmp.server;

import dev.sluice.media.stream.EndReason;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Closes the connection of a publisher that sends nothing for longer than {@link
 * RtmpConnectionLimits#publisherIdle}.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class PublisherSilence {
  private final RtmpServing serving;
  private final RtmpConnection connection;
  private final BooleanSupplier publishing;
  private long lastNanos;
  private boolean watching;

  /**
   * A watch that has not begun.
   *
   * @param publishing whether the publisher is there still; the watch ends when it is not
   */
  PublisherSilence(RtmpServing serving, RtmpConnection connection, BooleanSupplier publishing) {
    this.serving = serving;
    this.connection = connection;
    this.publishing = publishing;
  }

  /** Begins with a publisher. */
  void begin() {
    heard();
    if (!watching) { // else the watch of the publisher before has not come round yet
      watching = true;
      watch();
    }
  }

  /** The publisher sent something, or could not. */
  void heard() {
    lastNanos = System.nanoTime();
  }

  /** When it was last heard. */
  long lastNanos() {
    return lastNanos;
  }

  private void watch() {
    if (!publishing.getAsBoolean()) {
      watching = false;
      return;
    }
    long idleNanos = serving.connections().publisherIdle().toNanos();
    long leftNanos = lastNanos + idleNanos - System.nanoTime();
    if (leftNanos > 0) {
      connection.loop().schedule(this::watch, leftNanos, TimeUnit.NANOSECONDS);
      return;
    }
    serving.countFault(EndReason.PUBLISHER_IDLE.word());
    connection.close(EndReason.PUBLISHER_IDLE);
  }
}
