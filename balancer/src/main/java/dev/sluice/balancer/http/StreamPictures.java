package dev.sluice.balancer.http;

import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.Role;
import dev.sluice.cluster.StreamReport;
import java.util.List;

/** What heartbeats tell of streams. Any thread. */
final class StreamPictures {
  private final FleetHealth health;
  private final long assumedBitsPerSecond;

  /**
   * Looks into the fleet of each moment.
   *
   * @param assumedBitsPerSecond of a stream that no node tells of
   */
  StreamPictures(FleetHealth health, long assumedBitsPerSecond) {
    this.health = health;
    this.assumedBitsPerSecond = assumedBitsPerSecond;
  }

  /** What the first of these edges says that knows the stream, else an origin. */
  StreamPicture of(String stream, List<Candidate> edges) {
    for (Candidate edge : edges) {
      StreamReport report = edge.node().details().get(stream);
      if (report != null) {
        return picture(report);
      }
    }
    for (NodeHealth node : health.nodes()) {
      FleetNode origin = node.node();
      StreamReport report = origin.details().get(stream);
      if (report != null
          && origin.info().role() == Role.ORIGIN
          && node.standing() != Standing.DOWN) {
        return picture(report);
      }
    }
    return new StreamPicture(assumedBitsPerSecond, "", 0, 0);
  }

  private StreamPicture picture(StreamReport report) {
    long bits = report.bitsPerSecond() > 0 ? report.bitsPerSecond() : assumedBitsPerSecond;
    return new StreamPicture(bits, report.codecs(), report.width(), report.height());
  }
}
