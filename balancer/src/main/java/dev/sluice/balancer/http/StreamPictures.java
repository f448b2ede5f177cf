package dev.sluice.balancer.http;

import dev.sluice.balancer.routing.Candidate;
import java.util.List;

/** What heartbeats tell of streams. Any thread. */
final class StreamPictures {
  private final StreamPicture unknown;

  /**
   * Knows no stream yet.
   *
   * @param assumedBitsPerSecond of a stream that no edge tells of
   */
  StreamPictures(long assumedBitsPerSecond) {
    this.unknown = new StreamPicture(assumedBitsPerSecond, "", 0, 0);
  }

  /** What the first of these edges says that knows the stream. */
  StreamPicture of(String stream, List<Candidate> edges) {
    return unknown;
  }
}
