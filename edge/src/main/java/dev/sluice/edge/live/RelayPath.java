package dev.sluice.edge.live;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The neighbours of this edge in the tree of one stream: the nodes that it goes to and those that
 * it is asked of. A node must never be both, or the stream would come back.
 *
 * <p>Threading: any thread, as other nodes ask on any event loop. Two edges may ask each other at
 * the same moment: each side is entered before the other is looked at, so that at least one of them
 * sees both.
 */
final class RelayPath {
  private static final int MOST_BELOW = 256;

  private final String self;
  private final Set<String> below = ConcurrentHashMap.newKeySet();
  private final Set<String> above = ConcurrentHashMap.newKeySet();

  /**
   * A path to an edge.
   *
   * @param self name of this node
   * @param via the nodes that asked first, or none
   */
  RelayPath(String self, Collection<String> via) {
    this.self = self;
    enter(via);
  }

  /**
   * Enters nodes that ask for the stream.
   *
   * @return empty, or the one of them that the stream comes from
   */
  String enterAskers(List<String> via) {
    enter(via);
    for (String node : via) {
      if (above.contains(node)) {
        below.removeAll(via);
        return node;
      }
    }
    return "";
  }

  /** Enters a node that is about to be asked; false, and not entered, when it must not be. */
  boolean enterUpstream(String node) {
    if (node.isEmpty()) {
      return true; // not a server of ours
    }
    above.add(node);
    if (node.equals(self) || below.contains(node)) {
      above.remove(node);
      return false;
    }
    return true;
  }

  /** Takes out a node that is not asked any more. */
  void leaveUpstream(String node) {
    above.remove(node);
  }

  /** What an upstream is told: the nodes that the stream is for, this one last. */
  List<String> via() {
    List<String> via = new ArrayList<>(below);
    via.add(self);
    return via;
  }

  private void enter(Collection<String> via) {
    if (below.size() < MOST_BELOW) {
      below.addAll(via);
    }
  }
}
