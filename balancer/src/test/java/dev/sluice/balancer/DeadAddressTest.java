package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Edges with addresses that listen and others that do not, and a real DNS server before them. */
@ExtendWith(LeakCheck.class)
class DeadAddressTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String ONE = "127.0.0.31";
  private static final String TWO = "127.0.0.32";
  private static final String FAR = "127.0.0.41";
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      cluster: {heartbeat: 100ms, NODES}
      regions: {eu: {fallback: [us]}, us: {}}
      geo: {defaultRegion: eu}
      health: {probeEvery: 50ms, retryEvery: 50ms, probeTimeout: 5s, lease: 1m, holdDown: 0s}
      dns: {zone: cdn.example, bind: 127.0.0.1, port: 0, records: [ns1 A 127.0.0.1]}
      """
          .replace("NODES", FakeEdge.listed("eu-1", "us-1"));

  private final EventLoops loops = EventLoops.create(1);
  private final HttpClient client = HttpClient.newHttpClient();
  private BalancerServer balancer;

  @BeforeEach
  void start() throws Exception {
    BalancerConfig config =
        ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of());
    balancer = new BalancerServer(config, loops);
    balancer.start();
  }

  @AfterEach
  void stop() {
    client.close();
    balancer.close();
    loops.close();
  }

  @Test
  void anAddressWhereNobodyListensIsNotNamedUntilSomebodyDoes() throws Exception {
    try (FakeEdge edge = new FakeEdge("eu-1", "eu", List.of(ONE, TWO), balancer.httpAddress())) {
      edge.listenAt(ONE);
      awaitNames("only the live address", Set.of(ONE));
      assertThat(dead("eu-1").path(TWO).asString()).isEqualTo("connection refused");
      assertThat(dead("eu-1").has(ONE)).isFalse();

      edge.listenAt(TWO);
      awaitNames("both", Set.of(ONE, TWO));
      assertThat(dead("eu-1")).isEmpty();

      edge.stopAt(ONE);
      awaitNames("the other", Set.of(TWO));
      edge.stopAt(TWO);
      awaitNames("both, as there is nothing better", Set.of(ONE, TWO));
    }
  }

  @Test
  void anEdgeWithoutALiveAddressIsNotNamedWhileAnotherHasOne() throws Exception {
    try (FakeEdge near = new FakeEdge("eu-1", "eu", List.of(ONE), balancer.httpAddress());
        FakeEdge far = new FakeEdge("us-1", "us", List.of(FAR), balancer.httpAddress())) {
      far.listenAt(FAR);
      awaitNames("the far one, which answers", Set.of(FAR));
      Await.until(
          PATIENCE,
          "redirects to the near one, whose URL answers",
          () -> asked(this::location).startsWith(near.info.urls().http()));
      assertThat(names()).as("its address is dead still").containsExactly(FAR);
      near.listenAt(ONE);
      awaitNames("the near one", Set.of(ONE));
    }
  }

  @Test
  void anEdgeWhoseUrlIsDeadIsUpByItsAddressAndNotRedirectedTo() throws Exception {
    try (FakeEdge near = new FakeEdge("eu-1", "eu", List.of(ONE), balancer.httpAddress());
        FakeEdge far = new FakeEdge("us-1", "us", List.of(FAR), balancer.httpAddress())) {
      near.listenAt(ONE);
      far.listenAt(FAR);
      awaitNames("the near one", Set.of(ONE));
      near.stopAtUrl();
      Await.until(
          PATIENCE,
          "redirects elsewhere",
          () -> asked(this::location).startsWith(far.info.urls().http()));
      assertThat(names()).containsExactly(ONE);
    }
  }

  /** So that conditions to wait for may ask. */
  private interface Asking<T> {
    T ask() throws Exception;
  }

  private static <T> T asked(Asking<T> question) {
    try {
      return question.ask();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void awaitNames(String what, Set<String> addresses) {
    Await.until(PATIENCE, what, () -> asked(this::names).equals(addresses));
  }

  private Set<String> names() throws Exception {
    Record question = Record.newRecord(Name.fromString("cdn.example."), Type.A, DClass.IN);
    SimpleResolver resolver = new SimpleResolver(balancer.dnsAddress());
    resolver.setTCP(true); // no limit of answers, none lost
    Message answer = resolver.send(Message.newQuery(question));
    return answer.getSection(Section.ANSWER).stream()
        .map(r -> ((ARecord) r).getAddress().getHostAddress())
        .collect(Collectors.toSet());
  }

  private JsonNode dead(String id) throws Exception {
    for (JsonNode node : JsonMapper.shared().readTree(get("/api/fleet")).path("nodes")) {
      if (node.path("id").asString().equals(id)) {
        return node.path("dead");
      }
    }
    throw new AssertionError("no node " + id);
  }

  private String location() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri("/vod/a.flv")).build();
    return client
        .send(request, BodyHandlers.ofString())
        .headers()
        .firstValue("Location")
        .orElse("");
  }

  private String get(String path) throws Exception {
    return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString()).body();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + balancer.httpAddress().getPort() + path);
  }
}
