package dev.sluice.balancer.health;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The places where viewers reach each node, as far as they were probed.
 *
 * <p>Threading: any thread; the states of a node change atomically.
 */
final class Endpoints {
  private final HealthPolicy policy;
  private final ConcurrentHashMap<String, Map<String, EndpointState>> nodes =
      new ConcurrentHashMap<>();

  /** What a probe changed. */
  enum Change {
    NONE,
    DIED,
    REVIVED
  }

  /** None is known yet. */
  Endpoints(HealthPolicy policy) {
    this.policy = policy;
  }

  /** Takes in the result of a probe; a null failure is a success. */
  Change probed(String id, String place, @Nullable String failure) {
    EndpointState[] steps = new EndpointState[2];
    nodes.compute(
        id,
        (key, known) -> {
          Map<String, EndpointState> next = known == null ? new TreeMap<>() : new TreeMap<>(known);
          steps[0] = next.getOrDefault(place, EndpointState.UNKNOWN);
          steps[1] =
              failure == null ? steps[0].succeeded(policy) : steps[0].failed(failure, policy);
          next.put(place, steps[1]);
          return next;
        });
    return steps[0].dead() == steps[1].dead()
        ? Change.NONE
        : steps[1].dead() ? Change.DIED : Change.REVIVED;
  }

  /** The dead places of a node and why. */
  Map<String, String> dead(String id) {
    Map<String, String> dead = new TreeMap<>();
    nodes
        .getOrDefault(id, Map.of())
        .forEach(
            (place, state) -> {
              if (state.dead()) {
                dead.put(place, state.why());
              }
            });
    return dead;
  }

  /** Forgets the places of a node that it does not tell any more. */
  void keep(String id, Set<String> places) {
    nodes.computeIfPresent(
        id,
        (key, known) -> {
          if (places.containsAll(known.keySet())) {
            return known;
          }
          Map<String, EndpointState> left = new TreeMap<>(known);
          left.keySet().retainAll(places);
          return left;
        });
  }

  /** Forgets every other node. */
  void keepNodes(Set<String> ids) {
    nodes.keySet().retainAll(ids);
  }
}
