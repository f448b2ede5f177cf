package dev.sluice.balancer;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.dispatch.Dispatcher.Entrance;
import dev.sluice.balancer.dns.EdgeLookup;
import dev.sluice.balancer.routing.Access;
import dev.sluice.balancer.routing.Assessment;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Location;
import dev.sluice.balancer.routing.RoutingDecision;
import dev.sluice.balancer.routing.RoutingRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Answers names with the edges that routing ranks, of the best edge's region only. */
final class RoutedNames implements EdgeLookup {
  private static final int EDGES_WANTED = 4;

  private final Dispatcher dispatcher;

  RoutedNames(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  @Override
  public Edges edges(InetAddress client, boolean ipv6, boolean fromSubnet) {
    Location location = dispatcher.locate(client);
    if (fromSubnet && location.source() == Location.Source.SPECIAL) {
      return Edges.notFromThis(location.prefixLength());
    }
    int bits = RoutingRequest.nameBits(client, location.prefixLength());
    RoutingRequest request = RoutingRequest.name(client, bits, EDGES_WANTED);
    Access access = Access.name(ipv6);
    if (!dispatcher.hasEdge(new Access(access.entry(), access.family(), true))
        && dispatcher.hasEdge(Access.ANY)) {
      return Edges.ofOtherFamily(bits);
    }
    RoutingDecision decision = dispatcher.dispatch(Entrance.DNS, request, access, location);
    List<InetAddress> addresses = new ArrayList<>();
    String region = "";
    for (Assessment ranked : decision.ranked()) {
      // Resolvers shuffle: what is far away must not be among the near.
      if (addresses.isEmpty()) {
        region = ranked.edge().region();
      } else if (!ranked.edge().region().equals(region)) {
        break;
      }
      for (InetAddress address : ranked.edge().addresses().of(ipv6, true)) {
        if (!addresses.contains(address)) { // edges behind one address are one answer
          addresses.add(address);
        }
      }
    }
    boolean other =
        addresses.isEmpty()
            && !dispatcher.explain(request, Access.name(!ipv6), location).ranked().isEmpty();
    if (other) {
      return Edges.ofOtherFamily(bits);
    }
    Candidate first = decision.chosen();
    return new Edges(addresses, bits, request.clientHash(), first == null ? "" : first.id());
  }

  @Override
  public void sent(Edges edges) {
    dispatcher.answered(RoutingRequest.name(edges.network(), EDGES_WANTED), edges.first());
  }
}
