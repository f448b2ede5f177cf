package dev.sluice.balancer.health;

import dev.sluice.chassis.http.client.HttpClientRequest;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.Role;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place where viewers reach a node.
 *
 * @param name the URL or the literal of the address, as the node tells it
 * @param url what is asked: host, scheme and the name that a certificate must bear
 * @param address where to connect to; null = what the URL's host leads to
 * @param port at that address; 0 = that of the URL
 */
record ProbedPlace(String name, String url, @Nullable InetAddress address, int port) {
  /** Most addresses of a node that are probed. */
  static final int MOST_ADDRESSES = 16;

  /** The URLs of a node and, of an edge, what DNS names. The first is where nodes ask it. */
  static List<ProbedPlace> of(NodeInfo node) {
    List<ProbedPlace> places = new ArrayList<>();
    String url = node.urls().forNodes();
    if (url.isEmpty()) {
      return places;
    }
    places.add(new ProbedPlace(url, url, null, 0));
    if (node.role() != Role.EDGE) {
      return places;
    }
    String secure = node.urls().https();
    if (!secure.isEmpty() && !secure.equals(url)) {
      places.add(new ProbedPlace(secure, secure, null, 0));
    }
    for (String literal : node.addresses()) {
      if (places.size() < MOST_ADDRESSES + 2) {
        InetAddress address = InetAddress.ofLiteral(literal);
        places.add(new ProbedPlace(literal, url, address, node.addressPort()));
      }
    }
    return places;
  }

  /** The request as it must be sent to get there. */
  HttpClientRequest at(HttpClientRequest toUrl) {
    if (address == null) {
      return toUrl;
    }
    HttpClientRequest there = port == 0 ? toUrl : toUrl.port(port);
    return there.to(address);
  }
}
