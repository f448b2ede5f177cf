package dev.sluice.media.live;

import dev.sluice.media.stream.StreamKey;
import java.util.List;

/**
 * Where streams come from that nobody publishes here: on an edge, the relay.
 *
 * <p>Threading: called from any event loop; must not block.
 */
public interface StreamSource {
  /**
   * A stream that is not there is wanted, by a viewer who waits or a {@link StreamWant}. Called for
   * each of them. Answer later with {@link LiveHub#publish} or {@link LiveHub#refuse}.
   */
  void wanted(StreamKey key);

  /**
   * Another node of the fleet asks for a stream; called before it joins.
   *
   * @param via the nodes that it asks for, the one that asks last
   * @return empty, or why giving it the stream would lead in a circle
   */
  String detectLoop(StreamKey key, List<String> via);

  /**
   * Nobody watches or wants a stream any more. {@link LiveHub#demand} tells whether that still
   * holds.
   */
  void unwanted(StreamKey key);
}
