package dev.sluice.balancer.health;

import dev.sluice.chassis.admin.AdminRoutes;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.log.TroubleLog;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.chassis.tls.TlsException;
import dev.sluice.cluster.NodeInfo;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks every node with {@code GET /readyz} whether it is ready and whether it is the one, each in
 * its own virtual thread, so that one that hangs delays no other. A node just heard of is probed at
 * once. A probe has one deadline for all of it, from the connection to the last byte of the answer,
 * of which little is read. Pauses vary by 20 % lest probes of a fleet fall together; the first of
 * two probes after a success waits the whole pause, after a failure a shorter one.
 */
public final class HealthProber implements Service {
  private static final Logger log = LoggerFactory.getLogger(HealthProber.class);
  private static final Duration LOOK_FOR_NEW_NODES = Duration.ofMillis(50);
  private static final long LARGEST_ANSWER = 16 * 1024;

  private final FleetHealth health;
  private final HealthPolicy policy;
  private final String authorities;
  private final Timer good;
  private final Timer bad;
  private final TroubleLog failures = new TroubleLog(log, Level.INFO, "probe failed");
  private final ConcurrentHashMap<String, Thread> probes = new ConcurrentHashMap<>();
  private @Nullable HttpClient client;
  private @Nullable Thread watcher;

  /** A prober that asks nobody yet. */
  public HealthProber(FleetHealth health, HealthPolicy policy, Meters meters) {
    this(health, policy, "", meters);
  }

  /**
   * A prober that asks nobody yet.
   *
   * @param authorities PEM file of those that sign nodes' certificates; empty = those that Java
   *     trusts
   */
  public HealthProber(FleetHealth health, HealthPolicy policy, String authorities, Meters meters) {
    this.authorities = authorities;
    this.health = health;
    this.policy = policy;
    this.good = meters.timer(HealthMeters.PROBES, "good");
    this.bad = meters.timer(HealthMeters.PROBES, "bad");
  }

  @Override
  public void start() throws TlsException {
    health.nodes();
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(policy.probeTimeout())
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    if (!authorities.isEmpty()) {
      builder.sslContext(ClientTls.trusting("cluster.authorities", authorities).forJdk());
    }
    HttpClient http = builder.build();
    client = http;
    watcher = Thread.ofVirtual().name("probe-watcher").start(() -> watch(http));
  }

  private void watch(HttpClient http) {
    try {
      while (true) {
        Set<String> present = new HashSet<>();
        for (NodeHealth node : health.nodes()) {
          NodeInfo info = node.node().info();
          present.add(info.id());
          if (policy.probe() && !info.urls().forNodes().isEmpty()) {
            probes.computeIfAbsent(
                info.id(),
                id -> Thread.ofVirtual().name("probe-" + id).start(() -> probe(http, id)));
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
  private void probe(HttpClient http, String id) {
    try {
      NodeHealth node = health.node(id);
      while (node != null) {
        long start = System.nanoTime();
        String failure = ask(http, node.node().info());
        (failure == null ? good : bad).record(Duration.ofNanos(System.nanoTime() - start));
        health.probed(id, failure);
        if (failure != null) {
          failures.note(id + ": " + failure);
        }
        Duration pause = failure == null ? policy.probeEvery() : policy.retryEvery();
        double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
        Thread.sleep(Duration.ofNanos((long) (pause.toNanos() * jitter)));
        node = health.node(id);
      }
    } catch (InterruptedException e) {
      log.debug("probing ends id={}", id);
    }
  }

  /** Returns what went wrong, or null. */
  private @Nullable String ask(HttpClient http, NodeInfo node) throws InterruptedException {
    String late = "no whole answer within " + policy.probeTimeout().toMillis() + " ms";
    CompletableFuture<HttpResponse<Void>> answer;
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(node.urls().forNodes() + "/readyz")).build();
      answer =
          http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.discarding(), LARGEST_ANSWER));
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    }
    try {
      return fault(answer.get(policy.probeTimeout().toNanos(), TimeUnit.NANOSECONDS), node);
    } catch (TimeoutException e) {
      return late;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof HttpTimeoutException) {
        return late;
      }
      String said = cause == null ? null : cause.getMessage();
      return said == null ? "cannot connect" : said;
    } finally {
      answer.cancel(true); // one that is complete does not mind
    }
  }

  /**
   * What is wrong with an answer, or null. A node that drains is reachable. The answer names the
   * node and its process: whatever else listens at that URL now is not it.
   */
  static @Nullable String fault(HttpResponse<?> answer, NodeInfo node) {
    int status = answer.statusCode();
    String state = header(answer, AdminRoutes.STATE_HEADER);
    if (status != 200 && !(status == 503 && state.equals("draining"))) {
      return "/readyz answered " + status;
    }
    String name = header(answer, AdminRoutes.NODE_HEADER);
    if (!name.equals(node.id())) {
      return name.isEmpty()
          ? "/readyz does not say which node it is"
          : "/readyz answered as another node, " + shown(name);
    }
    String epoch = header(answer, AdminRoutes.EPOCH_HEADER);
    return epoch.equals(Long.toString(node.epoch()))
        ? null
        : "/readyz answered as another process of the node, started at " + shown(epoch);
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static String shown(String text) {
    String clean = text.replaceAll("[^A-Za-z0-9._-]", "?");
    return clean.length() > 64 ? clean.substring(0, 64) + "..." : clean;
  }

  @Override
  public void close() {
    Thread watching = watcher;
    if (watching == null) {
      return;
    }
    watching.interrupt();
    probes.values().forEach(Thread::interrupt);
    HttpClient http = client;
    if (http != null) {
      http.shutdownNow();
    }
    watcher = null;
  }
}
