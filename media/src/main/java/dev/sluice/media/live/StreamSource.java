package dev.sluice.media.live;

/**
 * Where streams come from that nobody publishes here: on an edge, the relay.
 *
 * <p>Threading: called from any event loop; must not block.
 */
public interface StreamSource {
  /**
   * A viewer waits for a stream that is not there. Called for each such viewer. Answer later with
   * {@link LiveHub#publish} or {@link LiveHub#refuse}.
   */
  void wanted(StreamKey key);

  /** The last viewer of a stream left. {@link LiveHub#demand} tells whether that still holds. */
  void unwanted(StreamKey key);
}
