package dev.sluice.balancer.membership;

import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.cluster.NodeInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether viewers of a node would come back to a balancer. Looks at addresses and at names as they
 * are written, without asking DNS; what it cannot see the probes find, as a balancer answers them
 * under its own name.
 */
final class RedirectLoops {
  private final Supplier<List<InetSocketAddress>> listening;
  private final List<String> balancers;

  /**
   * Knows where this balancer listens and where it and the others are said to be.
   *
   * @param listening asked for each time, as ports may be known only later
   */
  RedirectLoops(Supplier<List<InetSocketAddress>> listening, List<HttpRoot> balancers) {
    this.listening = listening;
    this.balancers = balancers.stream().map(root -> place(root.uri())).toList();
  }

  /** The URL or address of the node at which a balancer listens; null if there is none. */
  @Nullable String of(NodeInfo node) {
    for (String text : List.of(node.urls().http(), node.urls().https())) {
      if (text.isEmpty()) {
        continue;
      }
      URI url = URI.create(text);
      int port = port(url);
      if (balancers.contains(place(url)) || ours(literal(url.getHost()), port)) {
        return text;
      }
      for (String address : node.addresses()) {
        if (ours(literal(address), port)) {
          return address + " port " + port;
        }
      }
    }
    return null;
  }

  private boolean ours(@Nullable InetAddress address, int port) {
    if (address == null) {
      return false;
    }
    for (InetSocketAddress mine : listening.get()) {
      InetAddress at = mine.getAddress();
      if (mine.getPort() == port
          && (at.isAnyLocalAddress() ? ofThisMachine(address) : at.equals(address))) {
        return true;
      }
    }
    return false;
  }

  private static boolean ofThisMachine(InetAddress address) {
    try {
      return address.isLoopbackAddress()
          || address.isAnyLocalAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  private static @Nullable InetAddress literal(@Nullable String host) {
    if (host == null) {
      return null;
    }
    String name = plain(host);
    if (name.equals("localhost") || name.endsWith(".localhost")) { // RFC 6761
      return InetAddress.getLoopbackAddress();
    }
    try {
      return InetAddress.ofLiteral(name.replaceAll("[\\[\\]]", ""));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String place(URI url) {
    InetAddress literal = literal(url.getHost());
    String host = literal == null ? plain(String.valueOf(url.getHost())) : literal.getHostAddress();
    return host + ":" + port(url);
  }

  /** Without case, and without the dot that a full name may end with. */
  private static String plain(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static int port(URI url) {
    return url.getPort() > 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
  }
}
