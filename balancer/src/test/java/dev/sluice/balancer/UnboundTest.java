package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.Tool;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A resolver between clients and balancer: unbound, which sends each client's subnet and keeps
 * answers by their scope. Clients of two regions come from two networks of the loopback.
 */
class UnboundTest {
  private static final String EUROPEAN = "127.1.0.5";
  private static final String AMERICAN = "127.2.0.5";
  private static final String STRANGER = "127.9.0.5";
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      cluster: {heartbeat: 100ms, NODES}
      regions:
        eu: {networks: [127.1.0.0/16, 2001:db8:e::/48]}
        us: {networks: [127.2.0.0/16, 10.2.0.0/16, 11.0.0.0/8]}
      geo: {defaultRegion: us}
      health: {probeEvery: 200ms, retryEvery: 100ms, fall: 100, lease: 30s, probeAddresses: false}
      dns: {zone: cdn.example, bind: 127.0.0.1, port: 0, edgeNames: ["*"], ttl: 10m}
      """
          .replace("NODES", FakeEdge.listed("eu-1", "us-1"));
  private static final String UNBOUND =
      """
      server:
        directory: "%1$s"
        chroot: ""
        username: ""
        pidfile: "%1$s/unbound.pid"
        use-syslog: no
        do-daemonize: no
        interface: 127.0.0.1@%2$d
        access-control: 127.0.0.0/8 allow
        do-ip6: no
        do-not-query-localhost: no
        num-threads: 1
        module-config: "subnetcache iterator"
        send-client-subnet: 127.0.0.1
        client-subnet-always-forward: yes
      remote-control:
        control-enable: no
      stub-zone:
        name: "cdn.example"
        stub-addr: 127.0.0.1@%3$d
      """;

  @TempDir static Path dir;
  private static EventLoops loops;
  private static BalancerServer balancer;
  private static List<FakeEdge> edges;
  private static Process unbound;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    String program = Tool.require("unbound");
    Tool.require("kdig");
    loops = EventLoops.create(1);
    balancer =
        new BalancerServer(
            ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of()), loops);
    balancer.start();
    edges = List.of(edge("eu-1", "eu", "192.0.2.11"), edge("us-1", "us", "192.0.2.21"));
    for (FakeEdge edge : edges) {
      Await.until(
          Duration.ofSeconds(30),
          edge.info.id() + " to be up",
          () ->
              balancer.health().node(edge.info.id()) != null
                  && balancer.health().node(edge.info.id()).standing() == Standing.UP);
    }
    try (DatagramSocket free =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      port = free.getLocalPort();
    }
    Path conf = dir.resolve("unbound.conf");
    Files.writeString(conf, UNBOUND.formatted(dir, port, balancer.dnsAddress().getPort()));
    unbound =
        new ProcessBuilder(program, "-d", "-c", conf.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("unbound.log").toFile())
            .start();
    Await.until(
        Duration.ofSeconds(30),
        "unbound to answer",
        () -> {
          assertThat(unbound.isAlive()).as(log()).isTrue();
          return !ask(STRANGER, "first").isEmpty();
        });
  }

  @AfterAll
  static void stop() throws Exception {
    if (unbound != null) {
      unbound.destroy();
      if (!unbound.waitFor(90, TimeUnit.SECONDS)) {
        unbound.destroyForcibly();
      }
    }
    if (edges != null) {
      edges.forEach(FakeEdge::close);
    }
    if (balancer != null) {
      balancer.close();
    }
    if (loops != null) {
      loops.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "::/1",
        "0.0.0.0/1",
        "126.0.0.0/7",
        "127.0.0.0/8",
        "10.0.0.0/7",
        "192.168.0.0/13",
        "0.0.0.0/0",
        "::/0",
        "127.1.0.0/15",
        "128.0.0.0/1"
      })
  void noQuestionOfAStrangerDecidesWhereOthersGo(String poison) {
    String name = "p" + poison.replaceAll("[^0-9]+", "-") + "x";
    assertThat(ask(STRANGER, name, "+subnet=" + poison)).hasSize(1);

    for (int round = 0; round < 2; round++) {
      assertThat(ask(EUROPEAN, name)).containsExactly("192.0.2.11");
      assertThat(ask(AMERICAN, name)).containsExactly("192.0.2.21");
      assertThat(ask(STRANGER, name, "+subnet=11.1.2.0/24")).containsExactly("192.0.2.21");
      assertThat(ask(STRANGER, name, "+subnet=2001:db8:e:1::/64")).containsExactly("192.0.2.11");
    }
  }

  @Test
  void neighboursShareAnAnswerFromTheCache() throws Exception {
    assertThat(ask(EUROPEAN, "shared")).containsExactly("192.0.2.11");
    double asked = answers();

    assertThat(ask("127.1.77.9", "shared")).containsExactly("192.0.2.11");
    assertThat(ask(EUROPEAN, "shared")).containsExactly("192.0.2.11");
    assertThat(answers()).as("of the balancer").isEqualTo(asked);
    assertThat(ask(AMERICAN, "shared")).containsExactly("192.0.2.21");
    assertThat(answers()).isGreaterThan(asked);
  }

  @Test
  void aClientThatStaysUnknownGetsAnAnswerAndChangesNoOthers() {
    assertThat(ask(EUROPEAN, "unknown", "+subnet=0.0.0.0/0")).containsExactly("192.0.2.21");
    assertThat(ask(EUROPEAN, "unknown")).containsExactly("192.0.2.11");
    assertThat(ask(EUROPEAN, "unknown", "+subnet=0.0.0.0/0")).containsExactly("192.0.2.21");
  }

  private static FakeEdge edge(String id, String region, String address) throws Exception {
    return new FakeEdge(id, region, address, balancer.httpAddress(), "");
  }

  private static double answers() throws Exception {
    java.net.URI uri =
        java.net.URI.create("http://127.0.0.1:" + balancer.httpAddress().getPort() + "/metrics");
    String metrics = new String(uri.toURL().openStream().readAllBytes(), StandardCharsets.UTF_8);
    return metrics
        .lines()
        .filter(line -> line.startsWith("sluice_dns_answers_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** The addresses that a client at an address of the loopback gets from unbound. */
  private static List<String> ask(String from, String name, String... options) {
    List<String> command =
        new ArrayList<>(List.of("kdig", "-b", from, "@127.0.0.1", "-p", String.valueOf(port)));
    command.addAll(List.of(options));
    command.addAll(List.of("+short", name + ".cdn.example", "A"));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return all.lines().filter(line -> line.matches("[0-9.]+")).toList();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String log() {
    try {
      return Files.readString(dir.resolve("unbound.log"));
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
