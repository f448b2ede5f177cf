package dev.sluice.cluster;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.Optional;

/**
 * A node's word that it is alive, sent once a second.
 *
 * @param node the sender
 * @param sequence grows by one with each heartbeat of an epoch; an older one is ignored
 * @param state what the node says of itself, its operator's drains apart
 * @param load how busy it is
 * @param streams live streams it has, as {@code app/name}
 * @param drain the last order that the node knows of, from whichever balancer
 * @param details of some of the streams, at most {@link StreamReport#MOST}
 */
public record Heartbeat(
    NodeInfo node,
    long sequence,
    NodeState state,
    NodeLoad load,
    List<String> streams,
    Optional<DrainOrder> drain,
    @JsonSetter(nulls = Nulls.AS_EMPTY) List<StreamReport> details) {

  /** Copies the lists. */
  public Heartbeat {
    streams = List.copyOf(streams);
    details = List.copyOf(details);
  }

  /** Of a node that tells no details of its streams. */
  public Heartbeat(
      NodeInfo node,
      long sequence,
      NodeState state,
      NodeLoad load,
      List<String> streams,
      Optional<DrainOrder> drain) {
    this(node, sequence, state, load, streams, drain, List.of());
  }

  /** Of a node that knows of no drain. */
  public Heartbeat(
      NodeInfo node, long sequence, NodeState state, NodeLoad load, List<String> streams) {
    this(node, sequence, state, load, streams, Optional.empty());
  }
}
