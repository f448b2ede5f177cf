package dev.sluice.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who a node is, over its restarts: its own token, and the drain that it was ordered.
 *
 * @param token by which balancers know it again
 * @param drain kept with it
 */
public record NodeIdentity(NodeToken token, NodeDrain drain) {
  private static final Logger log = LoggerFactory.getLogger(NodeIdentity.class);

  /**
   * Opens what is kept; says the token's fingerprint in the log, to be compared at the balancer.
   *
   * @param id of the node, for the log
   * @param configuredToken empty = one of its own, made the first time
   * @param directory where to keep things; empty = in memory
   * @param wall for the times of orders
   * @throws IOException if the directory cannot be used; the message says what to do
   */
  public static NodeIdentity open(
      String id, String configuredToken, String directory, InstantSource wall) throws IOException {
    NodeDrain drain =
        directory.isEmpty() ? NodeDrain.inMemory(wall) : NodeDrain.keptIn(Path.of(directory), wall);
    NodeToken token;
    if (!configuredToken.isEmpty()) {
      token = NodeToken.of(configuredToken);
    } else if (!directory.isEmpty()) {
      token = NodeToken.keptIn(Path.of(directory));
    } else {
      token = NodeToken.random();
      log.warn(
          "node token kept in memory only: balancers must approve id={} again after each restart;"
              + " set cluster.nodeToken or cluster.stateDirectory",
          id);
    }
    log.info("node id={} fingerprint={}", id, token.fingerprint());
    return new NodeIdentity(token, drain);
  }
}
