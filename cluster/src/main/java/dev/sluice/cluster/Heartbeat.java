package dev.sluice.cluster;

import java.util.List;

/**
 * A node's word that it is alive, sent once a second.
 *
 * @param node the sender
 * @param sequence grows by one with each heartbeat of an epoch; an older one is ignored
 * @param state what the node says of itself
 * @param load how busy it is
 * @param streams live streams it has, as {@code app/name}
 */
public record Heartbeat(
    NodeInfo node, long sequence, NodeState state, NodeLoad load, List<String> streams) {

  /** Copies the list. */
  public Heartbeat {
    streams = List.copyOf(streams);
  }
}
