package dev.sluice.balancer.health;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.log.RateLimitedLog;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.chassis.tls.TlsException;
import dev.sluice.cluster.NodeInfo;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks every node with {@code GET /readyz} whether it is ready and whether it is the one, each in
 * its own virtual thread, so that one that hangs delays no other. A node just heard of is probed at
 * once. Pauses vary by 20 % lest probes of a fleet fall together; the first of two probes after a
 * success waits the whole pause, after a failure a shorter one.
 *
 * <p>An edge is asked at its URLs and at each address that DNS names, there under the URL's name.
 * It is reachable if any of these answers; the others are dead, and viewers are not sent there.
 */
public final class HealthProber implements Service {
  private static final Logger log = LoggerFactory.getLogger(HealthProber.class);
  private static final Duration LOOK_FOR_NEW_NODES = Duration.ofMillis(50);
  private static final Duration LONGEST_SPREAD = Duration.ofMillis(200);

  private final FleetHealth health;
  private final HealthPolicy policy;
  private final String authorities;
  private final EventLoops loops;
  private final Timer good;
  private final Timer bad;
  private final RateLimitedLog failures = new RateLimitedLog(log, Level.INFO, "probe failed");
  private final ConcurrentHashMap<String, Thread> probes = new ConcurrentHashMap<>();
  private @Nullable ReadyProbe probe;
  private @Nullable Thread watcher;

  /** A prober that asks nobody yet. */
  public HealthProber(FleetHealth health, HealthPolicy policy, EventLoops loops, Meters meters) {
    this(health, policy, "", loops, meters);
  }

  /**
   * A prober that asks nobody yet.
   *
   * @param authorities PEM file of those that sign nodes' certificates; empty = those that Java
   *     trusts
   * @param loops shared, not closed here
   */
  public HealthProber(
      FleetHealth health,
      HealthPolicy policy,
      String authorities,
      EventLoops loops,
      Meters meters) {
    this.authorities = authorities;
    this.health = health;
    this.policy = policy;
    this.loops = loops;
    this.good = meters.timer(HealthMeters.PROBES, "good");
    this.bad = meters.timer(HealthMeters.PROBES, "bad");
  }

  @Override
  public void start() throws TlsException {
    health.nodes();
    ClientTls tls = ClientTls.trusting("cluster.authorities", authorities);
    ReadyProbe asking = new ReadyProbe(loops, policy.probeTimeout(), tls);
    probe = asking;
    watcher = Thread.ofVirtual().name("probe-watcher").start(() -> watch(asking));
  }

  private void watch(ReadyProbe asking) {
    try {
      while (true) {
        Set<String> present = new HashSet<>();
        for (NodeHealth node : health.nodes()) {
          NodeInfo info = node.node().info();
          present.add(info.id());
          if (policy.probe() && !info.urls().forNodes().isEmpty()) {
            probes.computeIfAbsent(
                info.id(),
                id -> Thread.ofVirtual().name("probe-" + id).start(() -> probe(asking, id)));
          }
        }
        probes.keySet().removeIf(id -> !present.contains(id));
        Thread.sleep(LOOK_FOR_NEW_NODES);
      }
    } catch (InterruptedException e) {
      log.debug("probing ends");
    }
  }

  /** Probes one node until it is forgotten or this is closed. */
  private void probe(ReadyProbe asking, String id) {
    try {
      NodeHealth node = health.node(id);
      while (node != null) {
        boolean well = round(asking, node.node().info());
        Duration pause = well ? policy.probeEvery() : policy.retryEvery();
        double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
        Thread.sleep(Duration.ofNanos((long) (pause.toNanos() * jitter)));
        node = health.node(id);
      }
    } catch (InterruptedException e) {
      log.debug("probing ends id={}", id);
    } catch (ExecutionException e) {
      log.error("probing failed id={}", id, e);
    }
  }

  /** Probes every place of a node once; true if all answered. */
  private boolean round(ReadyProbe asking, NodeInfo info)
      throws InterruptedException, ExecutionException {
    List<ProbedPlace> all = ProbedPlace.of(info);
    List<ProbedPlace> places = policy.probeAddresses() ? all : all.subList(0, 1);
    long start = System.nanoTime();
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (ProbedPlace place : places) {
      answers.add(asking.ask(place, info, answers.isEmpty() ? Duration.ZERO : spread()));
    }
    String url = answers.getFirst().get();
    (url.isEmpty() ? good : bad).record(Duration.ofNanos(System.nanoTime() - start));
    boolean reached = url.isEmpty();
    if (reached) {
      health.probed(info.id(), null); // at once: others may hang
    }
    boolean well = true;
    for (int i = 0; i < places.size(); i++) {
      String failure = answers.get(i).get();
      if (failure.isEmpty()) {
        if (!reached) {
          health.probed(info.id(), null);
        }
        reached = true;
      } else if (!failure.equals(ReadyProbe.NO_WAY)) {
        well = false;
        failures.note(info.id() + " at " + places.get(i).name() + ": " + failure);
      }
    }
    if (!reached) {
      health.probed(info.id(), url);
    }
    for (int i = 0; i < places.size(); i++) { // after what became of the node
      String failure = answers.get(i).get();
      if (!failure.equals(ReadyProbe.NO_WAY)) {
        health.probed(info.id(), places.get(i).name(), failure.isEmpty() ? null : failure);
      }
    }
    health.keepPlaces(info.id(), Set.copyOf(places.stream().map(ProbedPlace::name).toList()));
    return well;
  }

  /** Addresses of a node are not asked all at one time. */
  private Duration spread() {
    long most = Math.min(LONGEST_SPREAD.toNanos(), policy.retryEvery().toNanos() / 2);
    return Duration.ofNanos(ThreadLocalRandom.current().nextLong(most));
  }

  @Override
  public void close() {
    Thread watching = watcher;
    if (watching == null) {
      return;
    }
    watching.interrupt();
    probes.values().forEach(Thread::interrupt);
    ReadyProbe asking = probe;
    if (asking != null) {
      asking.close();
    }
    watcher = null;
  }
}
