package dev.sluice.balancer.routing;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@link Router} with a memory: of what was answered, so that a crowd is spread before the edges'
 * reports show it, and of who was sent where, so that a client that asks again is sent there again
 * and counts once, however often it asks.
 *
 * <p>Names are answered without the memory of clients and without fears ({@link Arrivals}): their
 * order spreads clients over all edges of a region as it is. So are clients for whom the memory has
 * no room. That is why questions, however many and whosesoever, move nobody on a fleet whose
 * reports say idle.
 *
 * <p>Threading: any thread, without locks. Time comes in as an argument.
 */
public final class Assigner {
  private static final int REMEMBERED_SECONDS = 30;

  /** Below the time to live of names, so that a resolver counts each time it has to ask again. */
  private static final int NAMES_REMEMBERED_SECONDS = 10;

  private final Router router;
  private final LoadEstimate loads;
  private final Loads proven;
  private final RecentClients clients = new RecentClients(REMEMBERED_SECONDS);
  private final RecentClients resolvers = new RecentClients(NAMES_REMEMBERED_SECONDS);

  /**
   * One that has answered nobody.
   *
   * @param fallbacks for a region, the regions to try when it has no room, in order
   */
  public Assigner(RoutingPolicy policy, Map<String, List<String>> fallbacks) {
    this.router = new Router(policy, fallbacks);
    this.loads = new LoadEstimate(policy);
    this.proven = loads.proven();
  }

  /**
   * Decides, and remembers nothing.
   *
   * @param nowMs balancer's clock, milliseconds since 1970
   */
  public RoutingDecision route(RoutingRequest request, Fleet fleet, Location location, long nowMs) {
    return switch (request.kind()) {
      case NAME -> router.route(request, fleet, proven, location, nowMs);
      case LIVE, FILE -> {
        int last = clients.find(request, nowMs);
        yield last == RecentClients.NO_ROOM
            ? router.route(request, fleet, proven, location, nowMs)
            : router.route(known(request, last), fleet, loads, location, nowMs);
      }
    };
  }

  /** Who says itself where it is knows better. */
  private static RoutingRequest known(RoutingRequest request, int last) {
    return request.lastEdge() == RecentClients.NEW ? request.lately(last) : request;
  }

  /**
   * Notes that a client has been told, after every limit. Not for one that cannot become a viewer
   * by it, such as one that asks with HEAD.
   *
   * @param request what was asked
   * @param edge the id of the one named first
   */
  public void answered(RoutingRequest request, String edge, long nowMs) {
    switch (request.kind()) {
      case NAME -> {
        if (resolvers.find(request, nowMs) == RecentClients.NEW) {
          loads.named(edge, nowMs);
        }
        resolvers.put(request, edge, nowMs);
      }
      case LIVE, FILE -> {
        int last = clients.find(request, nowMs);
        if (last != RecentClients.NO_ROOM && last != RecentClients.mark(edge)) {
          loads.sent(edge, 1, nowMs);
        }
        clients.put(request, edge, nowMs);
      }
    }
  }

  /** How full an edge is, and is reckoned to become. */
  public Load load(Candidate edge, int balancers, long nowMs) {
    return loads.of(edge, balancers, nowMs);
  }

  /** Forgets edges that are no longer in the fleet. */
  public void keepOnly(Set<String> edges) {
    loads.keepOnly(edges);
  }

  /** Of how many edges something is kept. */
  public int edgesKept() {
    return loads.size();
  }
}
