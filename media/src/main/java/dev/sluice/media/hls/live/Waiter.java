package dev.sluice.media.hls.live;

import org.jspecify.annotations.Nullable;

/** A request that waits for what a stream will have. Called on the request's loop. */
interface Waiter {
  /**
   * Looks at the stream as it is now.
   *
   * @param state null while there is nothing
   * @return whether the request is answered
   */
  boolean look(@Nullable HlsState state, HlsStream.Standing standing);

  /** Answers that it took too long. */
  void late();

  /** Whether there is nobody to answer any more. */
  boolean gone();
}
