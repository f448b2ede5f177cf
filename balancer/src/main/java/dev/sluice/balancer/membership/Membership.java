package dev.sluice.balancer.membership;

import dev.sluice.balancer.health.Drain;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.HealthMeters;
import dev.sluice.balancer.membership.BalancerState.Approval;
import dev.sluice.balancer.membership.CapacityRule.Served;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.DrainOrder;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatAnswer;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeRegistry;
import dev.sluice.cluster.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets heartbeats of members into the registry, and of nobody else.
 *
 * <pre>
 *   token of a listed node, or of one that an operator approved    member: registry
 *   other token than that                                          refused
 *   id that nobody listed or approved, or that was removed         pending: shown, not used
 *   node of this process                                           member, unless it was removed
 * </pre>
 *
 * <p>What a member says is bounded before it gets on: its capacity ({@link CapacityRule}), its
 * clock, its role, its region if the listing names one; and it carries operators' drains from one
 * balancer to the others.
 *
 * <p>Threading: any thread; never blocks but for {@link #load} and {@link #close}.
 */
public final class Membership implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Membership.class);
  private static final long MOST_AHEAD_MS = 300_000;
  private static final long MOST_AHEAD_OF_ORDERS_MS = 24 * 3_600_000L;
  private static final int MOST_APPROVALS = 20_000;

  private final String self;
  private final MembershipConfig config;
  private final CapacityRule rule;
  private final RedirectLoops loops;
  private final NodeRegistry registry;
  private final FleetHealth health;
  private final InstantSource steady;
  private final InstantSource wall;
  private final PendingNodes pending;
  private final RefusedNodes refused = new RefusedNodes();
  private final AtomicReference<BalancerState> state = new AtomicReference<>(BalancerState.EMPTY);
  private final StateFile file;
  private final ConcurrentHashMap<String, Member> members = new ConcurrentHashMap<>();

  /**
   * Knows the listed nodes; call {@link #load} before heartbeats come.
   *
   * @param self this balancer's id
   * @param listening where this balancer listens
   * @param steady clock of the registry
   * @param wall clock that other machines have too
   */
  public Membership(
      String self,
      MembershipConfig config,
      NodeRegistry registry,
      FleetHealth health,
      Supplier<List<InetSocketAddress>> listening,
      InstantSource steady,
      InstantSource wall,
      Meters meters) {
    this.self = self;
    this.config = config;
    this.rule = config.capacityRule();
    this.loops = new RedirectLoops(listening, config.balancers());
    this.registry = registry;
    this.health = health;
    this.steady = steady;
    this.wall = wall;
    this.pending = new PendingNodes();
    this.file = new StateFile(config.stateDirectory(), state::get);
    meters.gauge(HealthMeters.PENDING, () -> pending.all(steady.millis()).size());
    meters.gauge(HealthMeters.CLOCK_SKEW, this::largestSkewSeconds);
  }

  /**
   * Reads what was kept.
   *
   * @throws IOException if the file is damaged; the message says what to do
   */
  public void load() throws IOException {
    BalancerState kept = file.read();
    state.set(kept);
    kept.drains().keySet().forEach(this::obeyDrain);
  }

  /** For nodes of this process, which need no token. */
  public HeartbeatSink nodesHere() {
    return new HeartbeatSink() {
      @Override
      public HeartbeatAnswer report(Heartbeat heartbeat) {
        return admit(heartbeat, null, PendingNodes.HERE);
      }

      @Override
      public String toString() {
        return self;
      }
    };
  }

  /**
   * Takes in a heartbeat that came with the fleet's token.
   *
   * @param fingerprint of the node's own token; empty if it has none
   * @param from where it came from
   * @throws HeartbeatException with a sentence for the sender if it is refused
   */
  public HeartbeatAnswer heard(Heartbeat beat, String fingerprint, String from) {
    String id = beat.node().id();
    if (id.equals(self)) {
      throw new HeartbeatException(
          Reason.ID_IN_USE, "id: " + id + " is this balancer's own (expected: another)");
    }
    try {
      return admit(beat, fingerprint, from);
    } catch (HeartbeatException e) {
      if (pin(state.get(), id) != null) {
        refused.note(beat, fingerprint, e, from, steady.millis());
      }
      throw e;
    }
  }

  private HeartbeatAnswer admit(Heartbeat beat, @Nullable String fingerprint, String from) {
    NodeInfo node = beat.node();
    String id = node.id();
    long arrived = wall.millis();
    BalancerState now = state.get();
    Pin pin = pin(now, id);
    boolean here = fingerprint == null;
    String token = fingerprint == null ? "" : fingerprint;
    if (!here && pin != null && !pin.fingerprint().equals(token)) {
      throw new HeartbeatException(Reason.OTHER_TOKEN, pin.otherToken(id, token));
    }
    if (!id.equals(self)) {
      checkPlace(node);
    }
    checkClock("epoch", node.epoch(), arrived);
    checkClock("sampledAtMs", beat.load().sampledAtMs(), arrived);
    Member member = members.get(id);
    if (!here && pin == null && member != null && member.fingerprint().isEmpty()) {
      throw new HeartbeatException(
          Reason.ID_IN_USE,
          "id: " + id + " is a node of the balancer's process (expected: another)");
    }
    if (here ? now.removed().containsKey(id) : pin == null) {
      return HeartbeatAnswer.pending(pending.heard(beat, token, from, steady.millis()));
    }
    if (pin != null) {
      pin.check(node);
    }
    refuseDouble(node);
    return taken(beat, token, pin, arrived);
  }

  private HeartbeatAnswer taken(Heartbeat beat, String token, @Nullable Pin pin, long arrivedMs) {
    String id = beat.node().id();
    registry.report(bounded(beat, pin, token.isEmpty()));
    long heard = steady.millis();
    members.compute(
        id,
        (key, before) ->
            new Member(
                token,
                beat.node().egressCapacityBitsPerSecond(),
                beat.node().maxSessions(),
                skew(before, beat, arrivedMs),
                heard));
    BalancerState now = state.get();
    if (token.isEmpty() ? now.removed().containsKey(id) : pin(now, id) == null) {
      leave(id); // removed while its heartbeat was on the way
      return HeartbeatAnswer.TAKEN;
    }
    pending.drop(id, token);
    refused.taken(id, token);
    return HeartbeatAnswer.taken(drainToTell(id, beat.drain()));
  }

  private static ClockSkew skew(@Nullable Member before, Heartbeat beat, long arrivedMs) {
    long sampled = beat.load().sampledAtMs();
    return before == null
        ? ClockSkew.of(sampled, arrivedMs)
        : before.clock().and(sampled, arrivedMs);
  }

  /** What is routed with: as much capacity as the rule allows. Who put a node here said enough. */
  private Heartbeat bounded(Heartbeat beat, @Nullable Pin pin, boolean here) {
    String id = beat.node().id();
    Served known = state.get().served(id);
    Served most = known.and(beat.load().egressBitsPerSecond(), beat.load().sessions());
    if (most.clearlyAbove(known)) {
      var _ = change(s -> s.serve(id, most.and(s.served(id).egress(), s.served(id).sessions())));
    }
    long egress = pin == null ? (here ? rule.mostEgress() : 0) : pin.egress();
    int sessions = pin == null ? (here ? rule.mostSessions() : 0) : pin.sessions();
    NodeInfo info = rule.bounded(beat.node(), egress, sessions, most);
    return new Heartbeat(
        info,
        beat.sequence(),
        beat.state(),
        beat.load(),
        beat.streams(),
        beat.drain(),
        beat.details());
  }

  private @Nullable Pin pin(BalancerState now, String id) {
    ListedNode listed = config.nodes().get(id);
    if (listed != null) {
      return listed.pinned().equals(now.removed().get(id)) ? null : listed.pin();
    }
    Approval approval = now.approvals().get(id);
    return approval == null ? null : approval.pin();
  }

  private void checkPlace(NodeInfo node) {
    String loop = node.role() == Role.BALANCER ? null : loops.of(node);
    if (loop != null) {
      throw new HeartbeatException(
          Reason.LEADS_BACK,
          loop + " is a balancer's own: viewers sent there would come back (expected: the node's)");
    }
  }

  private static void checkClock(String what, long ms, long nowMs) {
    if (ms > nowMs + MOST_AHEAD_MS) {
      throw new HeartbeatException(
          Reason.CLOCK_AHEAD,
          what
              + ": "
              + ms
              + " is "
              + (ms - nowMs) / 1000
              + " s ahead of this balancer's clock (expected: at most 300 s; set the clocks by NTP)");
    }
  }

  /**
   * A process of the same id at another URL is another node as long as the known one is heard. A
   * node that moves has to be silent for the lease first.
   */
  private void refuseDouble(NodeInfo node) {
    FleetNode known = registry.node(node.id()).orElse(null);
    if (known == null
        || known.info().urls().forNodes().equals(node.urls().forNodes())
        || health.silent(known)) {
      return;
    }
    throw new HeartbeatException(
        Reason.ID_IN_USE,
        "id: "
            + node.id()
            + " belongs to the node at "
            + known.info().urls().forNodes()
            + ", which is alive (expected: an id of its own for the one at "
            + node.urls().forNodes()
            + ")");
  }

  // ---- operators ------------------------------------------------------------------------------

  /**
   * Lets a node in that awaits it.
   *
   * @param fingerprint of the one meant; null if there is no doubt
   * @param egress most that it is reckoned with, bits per second; 0 = not said
   * @param sessions the same; 0 = not said
   * @param by who does it
   */
  public Verdict approve(
      String id, @Nullable String fingerprint, long egress, int sessions, String by) {
    List<PendingNode> claims = pending.of(id, steady.millis());
    if (claims.isEmpty()) {
      Pin pin = pin(state.get(), id);
      boolean same = pin != null && (fingerprint == null || fingerprint.equals(pin.fingerprint()));
      return same
          ? new Verdict.Done()
          : new Verdict.Refused(404, "No node awaits approval as " + id + "; see /api/fleet.");
    }
    if (fingerprint == null && claims.size() > 1) {
      return new Verdict.Refused(
          409,
          claims.size()
              + " nodes with different tokens claim to be "
              + id
              + ": give the"
              + " fingerprint of the one that you mean, as that node logs it at its start.");
    }
    PendingNode claim =
        claims.stream()
            .filter(c -> fingerprint == null || c.fingerprint().equals(fingerprint))
            .findFirst()
            .orElse(null);
    ListedNode listed = config.nodes().get(id);
    if (claim == null
        || (listed != null && !claim.here() && !listed.pinned().equals(claim.fingerprint()))) {
      return new Verdict.Refused(
          409,
          "The node that claims to be "
              + id
              + " has another token: its fingerprint is "
              + claims.getFirst().fingerprint()
              + ".");
    }
    if (!claim.here() && claim.fingerprint().isEmpty()) {
      return new Verdict.Refused(
          409, "This node sends no token of its own: it runs an older version. Upgrade it first.");
    }
    if (listed != null && !claim.here()) {
      try {
        listed.pin().check(claim.beat().node());
      } catch (HeartbeatException e) {
        return new Verdict.Refused(409, String.valueOf(e.getMessage()));
      }
    }
    if (state.get().approvals().size() >= MOST_APPROVALS) {
      return new Verdict.Refused(503, "Too many nodes are approved: DELETE those that are gone.");
    }
    Approval approval =
        claim.here() || listed != null
            ? null
            : new Approval(
                claim.fingerprint(),
                claim.beat().node().role(),
                claim.beat().node().region(),
                by,
                wall.millis(),
                egress,
                sessions);
    CompletableFuture<Void> saved =
        change(s -> approval == null ? s.readmit(id) : s.approve(id, approval));
    log.info("node approved id={} fingerprint={} by=\"{}\"", id, claim.fingerprint(), by);
    pending.dropAll(id);
    try {
      var _ = admit(claim.beat(), claim.here() ? null : claim.fingerprint(), claim.from());
    } catch (HeartbeatException e) {
      log.info("node approved id={} but refused: {}", id, e.getMessage());
    }
    health.lookAgain();
    return new Verdict.Saving(saved);
  }

  /** Forgets all of a node; it has to be approved again. */
  public Verdict forget(String id, String by) {
    ListedNode listed = config.nodes().get(id);
    Member member = members.get(id);
    BalancerState now = state.get();
    boolean known =
        member != null
            || listed != null
            || now.approvals().containsKey(id)
            || now.drains().containsKey(id)
            || registry.node(id).isPresent()
            || !pending.of(id, steady.millis()).isEmpty();
    if (!known) {
      return new Verdict.Refused(404, "No node is known as " + id + "; see /api/fleet.");
    }
    if (id.equals(self)) {
      return new Verdict.Refused(
          409, id + " is this balancer itself: stop it instead, and remove it at the others.");
    }
    boolean here = member != null && member.fingerprint().isEmpty();
    String bar = listed != null ? listed.pinned() : here ? "here" : "";
    CompletableFuture<Void> saved = change(s -> s.forget(id, bar));
    leave(id);
    pending.dropAll(id);
    log.info("node removed id={} by=\"{}\"", id, by);
    return new Verdict.Saving(saved);
  }

  private void leave(String id) {
    members.remove(id);
    refused.drop(id);
    health.forget(id);
  }

  /** Nodes that await an operator's approval, in order of id. */
  public List<PendingNode> pending() {
    return pending.all(steady.millis());
  }

  /** Nodes of the fleet whose heartbeats are refused, in order of id. */
  public List<RefusedNode> refused() {
    return refused.all(steady.millis());
  }

  /** What is known of a member beside its heartbeat; null of others. */
  public @Nullable Member member(String id) {
    return members.get(id);
  }

  // ---- drains -----------------------------------------------------------------------------------

  /**
   * An operator's order for a node. It counts as later than what the node knows, even if it was
   * given at a balancer whose clock was ahead.
   *
   * @param order its time is set here
   */
  public CompletableFuture<Void> order(String id, DrainOrder order) {
    long now = wall.millis();
    CompletableFuture<Void> saved =
        change(
            s -> {
              long after = s.drain(id).map(known -> known.atMs() + 1).orElse(0L);
              return s.order(id, order.at(Math.max(now, after)));
            });
    obeyDrain(id);
    return saved;
  }

  /** Takes in what a node knows of its drain; returns what it has to be told. */
  private Optional<DrainOrder> drainToTell(String id, Optional<DrainOrder> repeated) {
    long latest = wall.millis() + MOST_AHEAD_OF_ORDERS_MS; // after a later one none could be given
    Optional<DrainOrder> said = repeated.filter(order -> order.atMs() <= latest);
    Optional<DrainOrder> known = state.get().drain(id);
    if (known.equals(said)) {
      return Optional.empty();
    }
    Optional<DrainOrder> counts = DrainOrder.later(known, said);
    if (!counts.equals(known)) {
      var _ = change(s -> s.order(id, DrainOrder.later(s.drain(id), said).orElseThrow()));
      obeyDrain(id);
    }
    return counts.equals(said) ? Optional.empty() : counts;
  }

  private void obeyDrain(String id) {
    DrainOrder order = state.get().drains().get(id);
    long now = wall.millis();
    if (order == null || !order.inForce(now)) {
      health.undrain(id);
      return;
    }
    long ends = order.untilMs() == 0 ? 0 : steady.millis() + order.untilMs() - now;
    health.drain(id, new Drain(order.reason(), order.atMs(), order.deadlineMs(), order.by(), ends));
  }

  // ---- meters -----------------------------------------------------------------------------------

  private double largestSkewSeconds() {
    long now = steady.millis();
    long largest = 0;
    for (Map.Entry<String, Member> entry : members.entrySet()) {
      Member member = entry.getValue();
      if (now - member.heardMs() < 60_000 && !entry.getKey().equals(self)) {
        largest = Math.max(largest, Math.abs(member.clock().aheadMs()));
      }
    }
    return largest / 1000.0;
  }

  private CompletableFuture<Void> change(UnaryOperator<BalancerState> step) {
    state.updateAndGet(step);
    return file.save();
  }

  /** Waits for the last write. */
  @Override
  public void close() {
    file.close();
  }
}
