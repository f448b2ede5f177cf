package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.dispatch.RoutingMeters;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Questions, and nobody who follows them, at a balancer over real sockets. */
@ExtendWith(LeakCheck.class)
class QuestionFloodTest {
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      cluster: {heartbeat: 100ms, NODES}
      regions: {eu: {fallback: [us]}, us: {fallback: [eu]}}
      geo: {defaultRegion: eu}
      health: {probeEvery: 1s, lease: 1m, fall: 100}
      dns: {zone: cdn.example, bind: 127.0.0.1, port: 0}
      """
          .replace("NODES", FakeEdge.listed("eu-1", "eu-2", "us-1"));

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final EventLoops LOOPS = EventLoops.create(2);
  private static final BalancerServer BALANCER =
      new BalancerServer(
          ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of()), LOOPS);
  private static final List<FakeEdge> EDGES = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    BALANCER.start();
    for (String edge : List.of("eu-1", "eu-2", "us-1")) {
      String address = "127.0.0." + (10 + EDGES.size());
      EDGES.add(new FakeEdge(edge, edge.substring(0, 2), address, BALANCER.httpAddress(), ""));
    }
    for (FakeEdge edge : EDGES) {
      Await.until(
          Duration.ofSeconds(30),
          edge.info.id() + " to be up",
          () ->
              BALANCER.health().node(edge.info.id()) != null
                  && BALANCER.health().node(edge.info.id()).standing() == Standing.UP);
    }
  }

  @AfterAll
  static void stop() {
    EDGES.forEach(FakeEdge::close);
    CLIENT.close();
    BALANCER.close();
    LOOPS.close();
  }

  @Test
  void thousandsOfQueriesInOneGoAreAllAnsweredAndWithTheSameEdges() throws Exception {
    Set<List<String>> answers = new HashSet<>();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(90_000);
      socket.connect(BALANCER.dnsAddress());
      byte[] query =
          Message.newQuery(Record.newRecord(Name.fromString("cdn.example."), Type.A, DClass.IN))
              .toWire();
      byte[] buffer = new byte[1500];
      for (int burst = 0; burst < 100; burst++) { // small enough for every socket buffer
        for (int i = 0; i < 50; i++) {
          socket.send(new DatagramPacket(query, query.length));
        }
        for (int i = 0; i < 50; i++) {
          DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
          socket.receive(packet);
          Message answer = new Message(Arrays.copyOf(buffer, packet.getLength()));
          assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
          answers.add(addresses(answer));
        }
      }
    }
    assertThat(answers).hasSize(1);
    assertThat(get("/live/a.flv", "203.0.113.7").statusCode()).isEqualTo(302);
  }

  @Test
  void thousandsOfRedirectsAreAllGivenAndAClientKeepsItsEdge() throws Exception {
    String before = location("/live/demo.flv", "203.0.113.7");
    Map<String, String> given = new HashMap<>();
    for (int round = 0; round < 2; round++) {
      try (Socket socket = new Socket("127.0.0.1", BALANCER.httpAddress().getPort())) {
        socket.setSoTimeout(90_000);
        BufferedReader answers =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        for (int burst = 0; burst < 60; burst++) {
          StringBuilder requests = new StringBuilder();
          for (int i = 0; i < 50; i++) {
            requests.append("GET /live/demo.flv HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ");
            requests.append(client(burst * 50 + i)).append("\r\n\r\n");
          }
          socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
          for (int i = 0; i < 50; i++) {
            String client = client(burst * 50 + i);
            String edge = edgeOf(answers);
            assertThat(given.getOrDefault(client, edge)).as(client).isEqualTo(edge);
            given.put(client, edge);
          }
        }
      }
      assertThat(location("/live/demo.flv", "203.0.113.7")).isEqualTo(before);
    }
    assertThat(given).hasSize(3_000);
    assertThat(new HashSet<>(given.values())).doesNotContain(EDGES.getLast().info.urls().http());
    assertThat(meter("nearest")).isGreaterThanOrEqualTo(6_000);
    for (String outcome : List.of("spilled", "fallback", "crowded", "none")) {
      assertThat(meter(outcome)).as(outcome).isZero();
    }
  }

  @Test
  void whoAsksByAnotherMethodThanGetIsNoViewer() throws Exception {
    // What the other tests asked by GET is forgotten once reports have shown that nobody came.
    Await.until(Duration.ofSeconds(90), "nobody expected", () -> greatestLoad() == 0);
    for (int i = 0; i < 200; i++) {
      for (String method : List.of("HEAD", "POST", "OPTIONS", "DELETE")) {
        HttpRequest.Builder request =
            request("/vod/film.flv", client(10_000 + i))
                .method(method, HttpRequest.BodyPublishers.noBody());
        CLIENT.send(request.build(), BodyHandlers.discarding());
      }
    }
    assertThat(greatestLoad()).isZero();
    assertThat(location("/vod/film.flv", "203.0.113.9"))
        .isEqualTo(location("/vod/film.flv", "203.0.113.9"));
  }

  /** Of the edges that a viewer of the film may be sent to. */
  private static double greatestLoad() {
    String question = "/api/route?uri=/vod/film.flv&client=203.0.113.9";
    JsonNode route;
    try {
      route = JsonMapper.shared().readTree(get(question, "203.0.113.9").body());
    } catch (Exception e) {
      throw new IllegalStateException(question, e);
    }
    double greatest = 0;
    for (JsonNode edge : route.path("candidates")) {
      if (!edge.path("verdict").asString().equals("farther")) {
        greatest = Math.max(greatest, edge.path("load").asDouble());
      }
    }
    return greatest;
  }

  private static double meter(String outcome) {
    double sum = 0;
    for (String region : List.of("eu", "us", "other", "")) {
      sum += BALANCER.meters().counter(RoutingMeters.DECISIONS, "http", outcome, region).count();
    }
    return sum;
  }

  /** Each number lies in a network of its own. */
  private static String client(int number) {
    return "11." + (number >> 8) + "." + (number & 255) + ".7";
  }

  /** Reads one answer, which has no body; returns the edge that it names. */
  private static String edgeOf(BufferedReader answers) throws Exception {
    String status = answers.readLine();
    assertThat(status).startsWith("HTTP/1.1 302 ");
    String edge = "";
    for (String line = answers.readLine(); !line.isEmpty(); line = answers.readLine()) {
      if (line.toLowerCase(Locale.ROOT).startsWith("location: ")) {
        edge = line.substring("location: ".length()).replace("/live/demo.flv", "");
      }
    }
    return edge;
  }

  private static List<String> addresses(Message answer) {
    return answer.getSection(Section.ANSWER).stream()
        .map(record -> ((ARecord) record).getAddress().getHostAddress())
        .toList();
  }

  private static String location(String path, String client) throws Exception {
    return get(path, client).headers().firstValue("Location").orElse("");
  }

  private static HttpResponse<String> get(String path, String client) throws Exception {
    return CLIENT.send(request(path, client).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String path, String client) {
    String base = "http://127.0.0.1:" + BALANCER.httpAddress().getPort();
    return HttpRequest.newBuilder(URI.create(base + path)).header("X-Forwarded-For", client);
  }
}
