package dev.sluice.balancer.http;

import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.Role;
import dev.sluice.cluster.StreamReport;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What heartbeats tell of streams. Any thread. */
final class StreamPictures {
  private static final int MOST_RENDITIONS = 16;

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

  /**
   * The renditions of a group, the best first, as origins tell of them; of what is no group, itself
   * alone.
   */
  List<RenditionPicture> renditions(String name, List<Candidate> edges) {
    String group = "live/" + name;
    Map<String, RenditionPicture> found = new TreeMap<>();
    for (NodeHealth node : health.nodes()) {
      FleetNode origin = node.node();
      if (origin.info().role() == Role.ORIGIN && node.standing() != Standing.DOWN) {
        for (StreamReport report : origin.details().values()) {
          String stream = report.stream().substring(report.stream().lastIndexOf('/') + 1);
          if (report.renditionOf().equals(group) && report.stream().equals("live/" + stream)) {
            found.putIfAbsent(stream, new RenditionPicture(stream, picture(report)));
          }
        }
      }
    }
    if (found.isEmpty()) {
      return List.of(new RenditionPicture(name, of(group, edges)));
    }
    return found.values().stream()
        .sorted(Comparator.comparingLong(each -> -each.picture().bitsPerSecond()))
        .limit(MOST_RENDITIONS)
        .toList();
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
