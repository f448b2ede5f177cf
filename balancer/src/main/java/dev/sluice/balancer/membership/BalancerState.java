package dev.sluice.balancer.membership;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.sluice.balancer.membership.CapacityRule.Served;
import dev.sluice.cluster.DrainOrder;
import dev.sluice.cluster.NodeToken;
import dev.sluice.cluster.Role;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What a balancer must not forget. Immutable.
 *
 * @param version of this shape
 * @param approvals nodes that an operator approved, by id
 * @param removed listed nodes that an operator removed, by id, with the fingerprint they had then:
 *     a listing counts again with another token
 * @param drains the last order for each node, by id
 * @param served the most that each node was seen to serve, by id
 */
record BalancerState(
    int version,
    Map<String, Approval> approvals,
    Map<String, String> removed,
    Map<String, DrainOrder> drains,
    Map<String, Served> served) {
  static final int VERSION = 1;

  /** Nothing known. */
  static final BalancerState EMPTY =
      new BalancerState(VERSION, Map.of(), Map.of(), Map.of(), Map.of());

  /**
   * An operator's word that a node belongs to the fleet.
   *
   * @param fingerprint of its token
   * @param role that it had, and keeps
   * @param region the same; empty = any
   * @param by from where it was approved
   * @param atMs when, milliseconds since 1970
   * @param egress most that it is reckoned with, bits per second; 0 = not said
   * @param sessions the same; 0 = not said
   */
  record Approval(
      String fingerprint,
      Role role,
      @JsonSetter(nulls = Nulls.AS_EMPTY) String region,
      String by,
      long atMs,
      long egress,
      int sessions) {
    Approval {
      if (!NodeToken.isFingerprint(fingerprint)) {
        throw new IllegalArgumentException("fingerprint (expected: 64 hexadecimal digits)");
      }
    }

    /** What the operator said of it. */
    Pin pin() {
      return new Pin(fingerprint, false, role, region, egress, sessions);
    }
  }

  /** Copies the maps. */
  BalancerState {
    if (version != VERSION) {
      throw new IllegalArgumentException("version: " + version + " (expected: " + VERSION + ")");
    }
    approvals = Map.copyOf(approvals);
    removed = Map.copyOf(removed);
    drains = Map.copyOf(drains);
    served = Map.copyOf(served);
  }

  Optional<DrainOrder> drain(String id) {
    return Optional.ofNullable(drains.get(id));
  }

  Served served(String id) {
    return served.getOrDefault(id, Served.NOTHING);
  }

  BalancerState approve(String id, Approval approval) {
    return new BalancerState(
        version,
        with(approvals, m -> m.put(id, approval)),
        with(removed, m -> m.remove(id)),
        drains,
        served);
  }

  /** A listed or wired node is in again. */
  BalancerState readmit(String id) {
    return new BalancerState(version, approvals, with(removed, m -> m.remove(id)), drains, served);
  }

  /**
   * All of a node is forgotten.
   *
   * @param listed fingerprint that keeps its listing from counting; empty if it is not listed
   */
  BalancerState forget(String id, String listed) {
    return new BalancerState(
        version,
        with(approvals, m -> m.remove(id)),
        listed.isEmpty() ? with(removed, m -> m.remove(id)) : with(removed, m -> m.put(id, listed)),
        with(drains, m -> m.remove(id)),
        with(served, m -> m.remove(id)));
  }

  BalancerState order(String id, DrainOrder order) {
    return new BalancerState(
        version, approvals, removed, with(drains, m -> m.put(id, order)), served);
  }

  BalancerState serve(String id, Served most) {
    return new BalancerState(
        version, approvals, removed, drains, with(served, m -> m.put(id, most)));
  }

  private static <T> Map<String, T> with(Map<String, T> map, Consumer<Map<String, T>> change) {
    Map<String, T> copy = new TreeMap<>(map);
    change.accept(copy);
    return copy;
  }
}
