package dev.sluice.cluster;

import java.util.List;

/**
 * What stays the same while a node runs.
 *
 * @param id unique in the fleet, such as {@code eu-1}
 * @param role what the node does
 * @param region region name, such as {@code eu}
 * @param version of the software
 * @param epoch milliseconds since 1970 at which the process started; a higher one replaces the
 *     older
 * @param httpUrl base URL that viewers and nodes use, without a trailing slash
 * @param rtmpUrl base URL for RTMP, without a trailing slash; empty when the node has none
 * @param addresses IP literals that DNS may name for this node
 * @param egressCapacityBitsPerSecond sustained rate that the operator allows, above 0
 * @param maxSessions viewers at one time that the operator allows, above 0
 */
public record NodeInfo(
    String id,
    Role role,
    String region,
    String version,
    long epoch,
    String httpUrl,
    String rtmpUrl,
    List<String> addresses,
    long egressCapacityBitsPerSecond,
    int maxSessions) {

  /** Copies the list and rejects an empty id or capacities below 1. */
  public NodeInfo {
    addresses = List.copyOf(addresses);
    if (id.isBlank()) {
      throw new IllegalArgumentException("id: empty (expected: a node name)");
    }
    if (egressCapacityBitsPerSecond < 1 || maxSessions < 1) {
      throw new IllegalArgumentException(
          "capacity: "
              + egressCapacityBitsPerSecond
              + " bit/s, "
              + maxSessions
              + " sessions (expected: both >= 1)");
    }
  }
}
