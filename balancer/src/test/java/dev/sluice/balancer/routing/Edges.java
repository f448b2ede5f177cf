package dev.sluice.balancer.routing;

import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Edges for tests: 1 Gbit/s and 1000 sessions each unless said otherwise. */
public final class Edges {
  /** When the tests take place. */
  public static final long NOW = 1_767_225_600_000L;

  private static final long LONG_AGO = NOW - 3_600_000;

  private Edges() {}

  /** What stays the same of an edge. */
  public static NodeInfo info(String id, String region, int sessions) {
    return new NodeInfo(
        id,
        Role.EDGE,
        region,
        "test",
        1,
        new NodeUrls("http://" + id + ".test", "", "rtmp://" + id + ".test", ""),
        List.of("192.0.2.1"),
        sessions * 1_000_000L,
        sessions);
  }

  /** An edge that is up, warm and has that many viewers of 1 Mbit/s each. */
  public static Candidate up(String id, String region, int viewers) {
    return sized(id, region, viewers, 1000);
  }

  /** An edge that is up with room for so many viewers. */
  public static Candidate sized(String id, String region, int viewers, int room) {
    NodeLoad load = new NodeLoad(NOW, viewers * 1_000_000L, viewers, 0);
    FleetNode node = new FleetNode(info(id, region, room), NodeState.UP, load, List.of(), NOW);
    return new Candidate(node, Standing.UP, "", LONG_AGO);
  }

  /** The same edge in another standing. */
  public static Candidate as(Candidate edge, Standing standing, String why) {
    return new Candidate(edge.node(), standing, why, edge.upSinceMs());
  }

  /** The same edge, up since then. */
  public static Candidate upSince(Candidate edge, long upSinceMs) {
    return new Candidate(edge.node(), edge.standing(), edge.why(), upSinceMs);
  }

  /** So many idle edges of a region: {@code REGION-0}, {@code REGION-1}... */
  public static List<Candidate> idle(String region, int count) {
    List<Candidate> edges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      edges.add(up(region + "-" + i, region, 0));
    }
    return edges;
  }

  /** A fleet with one balancer. */
  public static Fleet fleet(Candidate... edges) {
    return Fleet.of(List.of(edges), 1);
  }

  /** A client's address; each number lies in a network of its own. */
  public static InetAddress client(int number) {
    return InetAddress.ofLiteral(
        (number >> 16 & 0xff) + 11 + "." + (number >> 8 & 0xff) + "." + (number & 0xff) + ".7");
  }

  /** A location in a region. */
  public static Location in(String region) {
    return new Location(region, Location.Source.NETWORK, "test", 24);
  }
}
