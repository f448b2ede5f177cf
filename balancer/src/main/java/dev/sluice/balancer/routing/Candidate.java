package dev.sluice.balancer.routing;

import dev.sluice.cluster.FleetNode;
import java.util.Set;

/**
 * One edge as routing sees it.
 *
 * @param node the newest that is known of it
 * @param standing whether it may take viewers
 * @param why the reason for its standing, a short sentence; empty when it is up
 * @param upSinceMs balancer's clock, milliseconds since 1970, when it last became {@link
 *     Standing#UP}
 * @param addresses its addresses, which answer and which do not
 */
public record Candidate(
    FleetNode node, Standing standing, String why, long upSinceMs, EdgeAddresses addresses) {

  /** One of whose addresses all may answer. */
  public Candidate(FleetNode node, Standing standing, String why, long upSinceMs) {
    this(node, standing, why, upSinceMs, EdgeAddresses.of(node.info(), Set.of()));
  }

  /** The node's id. */
  public String id() {
    return node.info().id();
  }

  /** The node's region. */
  public String region() {
    return node.info().region();
  }

  /** Sustained rate that the operator allows, bits per second. */
  public double capacity() {
    return node.info().egressCapacityBitsPerSecond();
  }
}
