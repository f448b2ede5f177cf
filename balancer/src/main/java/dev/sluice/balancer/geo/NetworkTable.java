package dev.sluice.balancer.geo;

import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Longest-prefix match over networks, as a binary tree. Build it with {@link #put}, then share it:
 * lookups from any thread, changes from none.
 */
final class NetworkTable<V> {
  private final Node<V> v4 = new Node<>();
  private final Node<V> v6 = new Node<>();

  private static final class Node<V> {
    @Nullable Node<V> zero;
    @Nullable Node<V> one;
    @Nullable V value;

    boolean leaf() {
      return zero == null && one == null;
    }
  }

  /**
   * What a lookup found.
   *
   * @param value of the longest network that contains the address; null if none does
   * @param uniformBits every address that shares so many bits finds the same
   */
  record Match<V>(@Nullable V value, int uniformBits) {}

  /** Sets the value of a network. */
  void put(Cidr network, V value) {
    node(network.network().getAddress(), network.prefixLength()).value = value;
  }

  /** Makes a network one that lookups tell from its neighbours, without a value of its own. */
  void border(byte[] network, int prefixLength) {
    node(network, prefixLength);
  }

  private Node<V> node(byte[] bytes, int prefixLength) {
    Node<V> node = bytes.length == 4 ? v4 : v6;
    for (int i = 0; i < prefixLength; i++) {
      Node<V> next = bit(bytes, i) ? node.one : node.zero;
      if (next == null) {
        next = new Node<>();
        if (bit(bytes, i)) {
          node.one = next;
        } else {
          node.zero = next;
        }
      }
      node = next;
    }
    return node;
  }

  Match<V> find(InetAddress address) {
    byte[] bytes = address.getAddress();
    Node<V> node = bytes.length == 4 ? v4 : v6;
    @Nullable V value = node.value;
    int depth = 0;
    while (!node.leaf()) {
      Node<V> next = bit(bytes, depth) ? node.one : node.zero;
      depth++;
      if (next == null) {
        break;
      }
      node = next;
      if (node.value != null) {
        value = node.value;
      }
    }
    return new Match<>(value, depth);
  }

  private static boolean bit(byte[] bytes, int i) {
    return (bytes[i >> 3] >> (7 - (i & 7)) & 1) != 0;
  }
}
