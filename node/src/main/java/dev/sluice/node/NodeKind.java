package dev.sluice.node;

import dev.sluice.cluster.Role;
import java.nio.file.Path;

/**
 * What makes a media node an edge, an origin or something else. Whatever is not asked for here is
 * the same for all kinds: see {@link NodeServer}, which runs one.
 *
 * <p>Threading: each method is called once, by the thread that starts the server.
 */
public interface NodeKind {

  /** What balancers take the node for; also the word for it in logs and {@code /api/node}. */
  Role role();

  /** The settings that every kind has. */
  NodeConfig config();

  /** Where the node keeps who it is unless {@code cluster.stateDirectory} says. */
  Path home();

  /**
   * Opens what only this kind has and adds it to the parts. Nothing listens before it returns.
   *
   * @throws Exception with a message for the operator; what it had opened is closed again
   */
  void open(NodeParts parts) throws Exception;
}
