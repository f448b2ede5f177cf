package dev.sluice.cluster;

import java.util.List;
import java.util.Optional;

/**
 * The fleet as one registry knows it at one moment, in order of node id.
 *
 * @param version grows whenever a heartbeat is taken in
 * @param takenAtMs the registry's clock, milliseconds since 1970
 * @param nodes every node heard of, dead ones included
 */
public record FleetView(long version, long takenAtMs, List<FleetNode> nodes) {

  /** Copies the list. */
  public FleetView {
    nodes = List.copyOf(nodes);
  }

  /** The node of that id. */
  public Optional<FleetNode> node(String id) {
    return nodes.stream().filter(n -> n.info().id().equals(id)).findFirst();
  }

  /** The nodes of one role. */
  public List<FleetNode> withRole(Role role) {
    return nodes.stream().filter(n -> n.info().role() == role).toList();
  }
}
