package dev.sluice.media.access;

import dev.sluice.media.stream.EndReason;
import org.jspecify.annotations.Nullable;

/** What the authorizer gave to a publisher and gets back. */
@FunctionalInterface
public interface PublishLease {
  /** Nothing to give back. */
  PublishLease NONE = reason -> {};

  /**
   * The publisher is done. Called once, on its connection's event loop; must not block.
   *
   * @param reason null when it did not get to publish, because another has the stream or because it
   *     left before the answer came
   */
  void ended(@Nullable EndReason reason);
}
