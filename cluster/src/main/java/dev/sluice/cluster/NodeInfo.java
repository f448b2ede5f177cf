package dev.sluice.cluster;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.Nulls;
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
 * @param urls base URLs that viewers and nodes use; beside the other properties in JSON
 * @param addresses IP literals that DNS may name for this node
 * @param addressPort where HTTP is served at these, with TLS if only {@code urls.https} is told; 0
 *     = at the port of the URL
 * @param egressCapacityBitsPerSecond sustained rate that the operator allows, above 0
 * @param maxSessions viewers at one time that the operator allows, above 0
 */
public record NodeInfo(
    String id,
    Role role,
    String region,
    String version,
    long epoch,
    @JsonUnwrapped NodeUrls urls,
    List<String> addresses,
    @JsonSetter(nulls = Nulls.AS_EMPTY) int addressPort,
    long egressCapacityBitsPerSecond,
    int maxSessions) {

  /** Copies the list and rejects an empty id, no port, or capacities below 1. */
  public NodeInfo {
    addresses = List.copyOf(addresses);
    if (id.isBlank()) {
      throw new IllegalArgumentException("id: empty (expected: a node name)");
    }
    if (addressPort < 0 || addressPort > 65_535) {
      throw new IllegalArgumentException("addressPort: " + addressPort + " (expected: 0..65535)");
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

  /** The same with another capacity. */
  public NodeInfo withCapacity(long egressBitsPerSecond, int sessions) {
    return new NodeInfo(
        id,
        role,
        region,
        version,
        epoch,
        urls,
        addresses,
        addressPort,
        egressBitsPerSecond,
        sessions);
  }

  /** One that serves at its addresses where its URL says. */
  public NodeInfo(
      String id,
      Role role,
      String region,
      String version,
      long epoch,
      NodeUrls urls,
      List<String> addresses,
      long egressCapacityBitsPerSecond,
      int maxSessions) {
    this(
        id,
        role,
        region,
        version,
        epoch,
        urls,
        addresses,
        0,
        egressCapacityBitsPerSecond,
        maxSessions);
  }
}
