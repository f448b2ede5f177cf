package dev.sluice.balancer.routing;

import dev.sluice.cluster.NodeInfo;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one edge that DNS may name.
 *
 * @param live those that answer probes, or of which nothing is known yet
 * @param dead the others
 * @param deadUrls base URLs that answer no probes
 */
public record EdgeAddresses(List<InetAddress> live, List<InetAddress> dead, Set<String> deadUrls) {

  /** Copies the collections. */
  public EdgeAddresses {
    live = List.copyOf(live);
    dead = List.copyOf(dead);
    deadUrls = Set.copyOf(deadUrls);
  }

  /**
   * Those of a node.
   *
   * @param dead the literals and URLs, as the node says them, that answer no probes
   */
  public static EdgeAddresses of(NodeInfo node, Set<String> dead) {
    List<InetAddress> live = new ArrayList<>(node.addresses().size());
    List<InetAddress> silent = new ArrayList<>();
    for (String literal : node.addresses()) {
      (dead.contains(literal) ? silent : live).add(InetAddress.ofLiteral(literal));
    }
    Set<String> urls = new HashSet<>(node.urls().all());
    urls.retainAll(dead);
    return new EdgeAddresses(live, silent, urls);
  }

  /** Those of one family that answer; the others only if there is none, and they may be taken. */
  public List<InetAddress> of(boolean ipv6, boolean deadToo) {
    List<InetAddress> found = only(live, ipv6);
    return found.isEmpty() && deadToo ? only(dead, ipv6) : found;
  }

  /** Whether a base URL of the edge answers probes, or was not probed. */
  public boolean lives(String url) {
    return !deadUrls.contains(url);
  }

  /**
   * Whether there is an address of a family at a URL: the one that it names, or else any, as its
   * name will lead to all of them. A node that tells no addresses may have any.
   *
   * @param url base URL; empty for a name of DNS
   */
  boolean reachedBy(String url, boolean ipv6, boolean deadToo) {
    if (!deadToo && deadUrls.contains(url)) {
      return false;
    }
    InetAddress literal = url.isEmpty() ? null : literal(url);
    if (literal != null) {
      return isV6(literal) == ipv6; // whether it answers is known of the URL, with its port
    }
    if (live.isEmpty() && dead.isEmpty()) {
      return !url.isEmpty();
    }
    return !of(ipv6, deadToo).isEmpty();
  }

  private static List<InetAddress> only(List<InetAddress> from, boolean ipv6) {
    List<InetAddress> found = new ArrayList<>(from.size());
    for (InetAddress address : from) {
      if (isV6(address) == ipv6) {
        found.add(address);
      }
    }
    return found;
  }

  private static boolean isV6(InetAddress address) {
    return !(address instanceof Inet4Address);
  }

  /** The host of a URL if it is an address. */
  private static @Nullable InetAddress literal(String url) {
    String host = URI.create(url).getHost();
    if (host == null) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(
          host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
