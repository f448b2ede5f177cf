package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ten edges, of which two have IPv6, one of these and another https; a real DNS server before. */
@ExtendWith(LeakCheck.class)
class AddressFamiliesTest {
  private static final String V4_VIEWER = "81.2.69.160";
  private static final String V6_VIEWER = "2001:db8:7::9";
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      cluster: {token: fleet-fleet-fleet-fleet}
      regions: {eu: {networks: [81.0.0.0/8]}, us: {}}
      geo: {defaultRegion: us}
      health: {probe: false, lease: 1h}
      dns: {zone: cdn.example, bind: 127.0.0.1, port: 0, records: [ns1 A 127.0.0.1]}
      """;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final EventLoops LOOPS = EventLoops.create(2);
  private static final BalancerServer BALANCER =
      new BalancerServer(
          ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of()), LOOPS);

  @BeforeAll
  static void tenEdgesTwoOfThemWithIpv6() throws Exception {
    BALANCER.start();
    for (int i = 0; i < 10; i++) {
      String name = "edge-" + i + ".example";
      boolean ipv6 = i == 3 || i == 7;
      boolean secure = i == 5 || i == 7;
      NodeUrls urls =
          new NodeUrls(
              "http://" + name,
              secure ? "https://" + name : "",
              "rtmp://" + name,
              secure ? "rtmps://" + name : "");
      List<String> addresses =
          ipv6 ? List.of("192.0.2." + i, "2001:db8::" + i) : List.of("192.0.2." + i);
      String region = i % 2 == 0 ? "eu" : "us";
      NodeInfo info =
          new NodeInfo("e" + i, Role.EDGE, region, "t", 1, urls, addresses, 1L << 40, 1 << 30);
      BALANCER
          .nodesHere()
          .report(new Heartbeat(info, 1, NodeState.UP, NodeLoad.idle(0), List.of()));
    }
    Await.until(
        "all to be routed to",
        () ->
            IntStream.range(0, 10)
                .mapToObj(i -> BALANCER.health().node("e" + i))
                .allMatch(node -> node != null && node.standing() == Standing.UP));
  }

  @AfterAll
  static void stop() {
    CLIENT.close();
    BALANCER.close();
    LOOPS.close();
  }

  @Test
  void aaaaQuestionsAreAnsweredInEveryNetworkWithTheTwoEdgesThatHaveIpv6() throws Exception {
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      byte[] network = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(network);
      network[0] = (byte) (network.length == 16 ? 0x2a : round % 2 == 0 ? 81 : 1 + round % 9);
      InetAddress client = InetAddress.getByAddress(network);

      Message aaaa = ask(Type.AAAA, client);
      assertThat(aaaa.getRcode()).isEqualTo(Rcode.NOERROR);
      assertThat(aaaa.getSection(Section.ANSWER))
          .as("AAAA for %s", client)
          .isNotEmpty()
          .allSatisfy(
              record ->
                  assertThat(((AAAARecord) record).getAddress().getHostAddress())
                      .isIn("2001:db8:0:0:0:0:0:3", "2001:db8:0:0:0:0:0:7"));
      assertThat(ask(Type.A, client).getSection(Section.ANSWER))
          .as("A for %s", client)
          .isNotEmpty()
          .allMatch(ARecord.class::isInstance);
    }
  }

  @Test
  void aViewerWithIpv6OnlyIsSentToAnEdgeThatHasIt() throws Exception {
    for (int stream = 0; stream < 100; stream++) {
      String location = location("/live/s" + stream + ".flv", V6_VIEWER, "http");
      assertThat(location).matches("http://edge-[37]\\.example/live/s" + stream + "\\.flv");
    }
    JsonNode route = json("/api/route?uri=/live/demo.flv&client=" + V6_VIEWER, V4_VIEWER, "http");
    assertThat(candidate(route, "e0").path("verdict").asString()).isEqualTo("no-ipv6");
    assertThat(candidate(route, "e0").path("why").asString()).isEqualTo("no IPv6 address");
    JsonNode names = json("/api/route?type=AAAA&client=" + V4_VIEWER, V4_VIEWER, "http");
    assertThat(names.path("chosen").asString()).isIn("e3", "e7");
  }

  @Test
  void aViewerWithHttpsIsSentToHttpsAndOneWithoutStaysWithout() throws Exception {
    for (int stream = 0; stream < 50; stream++) {
      String path = "/live/s" + stream + ".flv";
      assertThat(location(path, V4_VIEWER, "https"))
          .matches("https://edge-[57]\\.example" + path.replace(".", "\\."));
      assertThat(location(path, V6_VIEWER, "https")).isEqualTo("https://edge-7.example" + path);
      assertThat(location(path, V4_VIEWER, "http")).startsWith("http://edge-");
    }
    JsonNode route = json("/api/route?uri=/vod/a.flv&scheme=https", V4_VIEWER, "http");
    assertThat(route.path("entry").asString()).isEqualTo("https");
    assertThat(candidate(route, "e0").path("why").asString()).isEqualTo("no https URL");
  }

  @Test
  void theListHasAUrlOfEachSchemeThatAnEdgeHas() throws Exception {
    JsonNode edge = json("/live/demo.flv?format=json", V6_VIEWER, "https").path("edges").path(0);
    String rest = "://edge-7.example/live/demo";
    assertThat(edge.path("url").asString()).isEqualTo("https" + rest + ".flv");
    assertThat(edge.path("ws").asString()).isEqualTo("wss" + rest + ".flv");
    assertThat(edge.path("http").asString()).isEqualTo("http" + rest + ".flv");
    assertThat(edge.path("https").asString()).isEqualTo("https" + rest + ".flv");
    assertThat(edge.path("rtmp").asString()).isEqualTo("rtmp" + rest);
    assertThat(edge.path("rtmps").asString()).isEqualTo("rtmps" + rest);

    JsonNode plain = json("/live/demo.flv?format=json", V4_VIEWER, "http").path("edges").path(0);
    assertThat(plain.path("url").asString()).startsWith("http://");
    assertThat(plain.path("ws").asString()).startsWith("ws://");
  }

  private static JsonNode candidate(JsonNode route, String id) {
    for (JsonNode candidate : route.path("candidates")) {
      if (candidate.path("id").asString().equals(id)) {
        return candidate;
      }
    }
    throw new AssertionError(id + " not in " + route);
  }

  private static Message ask(int type, InetAddress client) throws Exception {
    Message query =
        Message.newQuery(Record.newRecord(Name.fromString("cdn.example."), type, DClass.IN));
    int bits = client.getAddress().length == 4 ? 24 : 56;
    InetAddress network = new Cidr(client, bits).network();
    query.addRecord(
        new OPTRecord(1232, 0, 0, 0, List.of(new ClientSubnetOption(bits, network))),
        Section.ADDITIONAL);
    SimpleResolver resolver = new SimpleResolver(BALANCER.dnsAddress());
    resolver.setTCP(true); // no limit of answers, none lost
    return resolver.send(query);
  }

  private static String location(String path, String viewer, String scheme) throws Exception {
    HttpResponse<String> answer = get(path, viewer, scheme);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
    return answer.headers().firstValue("Location").orElse("");
  }

  private static JsonNode json(String path, String viewer, String scheme) throws Exception {
    return JsonMapper.shared().readTree(get(path, viewer, scheme).body());
  }

  private static HttpResponse<String> get(String path, String viewer, String scheme)
      throws Exception {
    int port = BALANCER.httpAddress().getPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("X-Forwarded-For", viewer)
            .header("X-Forwarded-Proto", scheme)
            .build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }
}
