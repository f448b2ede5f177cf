package dev.sluice.app.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.ops.Repository.Run;
import dev.sluice.balancer.BalancerConfig;
import dev.sluice.balancer.membership.ListedNode;
import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.PublicConfig;
import dev.sluice.cluster.NodeToken;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.edge.live.Standby;
import dev.sluice.node.NodeConfig;
import dev.sluice.origin.OriginConfig;
import dev.sluice.origin.ingest.HooksConfig;
import dev.sluice.testkit.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The playbooks are sound, and what they write is accepted by systemd and by the servers. */
class AnsibleTest {
  private static final Path ANSIBLE = Repository.root().resolve("ansible");

  /** The example inventory as it is, and with every variable of the roles set. */
  @TempDir private static Path to;

  @TempDir private static Path everything;

  @BeforeAll
  static void render() throws Exception {
    Path secrets = Files.createDirectories(to.resolve("conf/secrets"));
    for (String name :
        List.of(
            "cluster-token",
            "node-token",
            "admin-token",
            "publish-key",
            "publish-secret",
            "signing-key")) {
      Files.writeString(secrets.resolve(name), "secret-of-the-test");
    }
    render(to, List.of());
    render(everything, List.of("-e", "@tests/everything.yml"));
  }

  private static void render(Path directory, List<String> more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Tool.require("ansible-playbook"),
                "-i",
                "inventory/example",
                "tests/render.yml",
                "-e",
                "render_to=" + directory,
                "-e",
                "sluice_home=" + to.resolve("home"),
                "-e",
                "sluice_conf=" + to.resolve("conf")));
    command.addAll(more);
    Run run = Repository.run(ANSIBLE, command);
    assertThat(run.status()).as(run.output()).isZero();
  }

  @Test
  void thePlaybooksParse() throws Exception {
    String playbook = Tool.require("ansible-playbook");
    Run run = Repository.run(ANSIBLE, List.of(playbook, "--syntax-check", "site.yml"));
    assertThat(run.status()).as(run.output()).isZero();
  }

  @Test
  void theLinterHasNothingToSay() throws Exception {
    Run run =
        Repository.run(
            ANSIBLE,
            List.of(Tool.require("ansible-lint"), "--offline", "-q", "--profile", "production"));
    assertThat(run.status()).as(run.output()).isZero();
  }

  @Test
  void theRenderedConfigurationsAreAcceptedByTheServers() throws Exception {
    OriginConfig origin = load(OriginConfig.class, to, "origin-1.origin");
    assertThat(origin.node().id()).isEqualTo("origin-1");
    assertThat(origin.streamLimits().keySet()).containsExactly("live/show", "live/*");
    for (String edge : List.of("eu-1", "eu-2", "us-1", "us-2")) {
      NodeConfig config = load(EdgeConfig.class, to, edge + ".edge").node();
      assertThat(config.id()).isEqualTo(edge);
      assertThat(config.region()).isEqualTo(edge.substring(0, 2));
      assertThat(config.cluster().balancers()).hasSize(2);
    }
    for (String id : List.of("balancer-1", "balancer-2")) {
      BalancerConfig config = load(BalancerConfig.class, to, id + ".balancer");
      assertThat(config.id()).isEqualTo(id);
      Map<String, ListedNode> nodes = config.cluster().nodes();
      assertThat(nodes).hasSize(6).containsKeys("origin-1", "us-2").doesNotContainKey(id);
      assertThat(nodes.get("eu-1").fingerprint())
          .isEqualTo(NodeToken.of("change-me-token-eu-1").fingerprint());
      assertThat(nodes.get("eu-1").egress()).isEqualTo(Bitrate.parse("10Gbit/s"));
      assertThat(nodes.get("eu-1").region()).isEqualTo("eu");
    }
  }

  @Test
  void theExampleHasAParentInEachRegionAndEdgesThatAcceptTheBalancersSignature() throws Exception {
    EdgeConfig parent = load(EdgeConfig.class, to, "us-1.edge");
    EdgeConfig child = load(EdgeConfig.class, to, "us-2.edge");
    assertThat(parent.relay().parents()).isEmpty();
    assertThat(child.relay().parents()).containsExactly(HostPort.parse("198.51.100.11:1935"));
    assertThat(child.signingKeys())
        .containsExactly(
            load(BalancerConfig.class, to, "balancer-1.balancer").redirect().signingKey());
    assertThat(child.node().live().audioOnlyAfter()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void variablesOfTheRolesReachTheSettingsOfAnEdge() throws Exception {
    EdgeConfig edge = load(EdgeConfig.class, everything, "eu-2.edge");
    NodeConfig node = edge.node();
    assertThat(node.https().enabled() && node.rtmps().enabled()).isTrue();
    assertThat(node.https().listener().port()).isEqualTo(8443);
    assertThat(node.tls().certificate()).isEqualTo("/etc/sluice/tls/fullchain.pem");
    assertThat(edge.relay().parents())
        .containsExactly(HostPort.parse("192.0.2.11:1936"), HostPort.parse("198.51.100.11:1936"));
    assertThat(edge.relay().tls()).isTrue();
    assertThat(edge.relay().tlsAuthorities()).isEqualTo("/etc/sluice/tls/ca.pem");
    assertThat(edge.relay().standby()).isEqualTo(Standby.PULLED);
    assertThat(edge.ingest().forward()).containsExactly(HostPort.parse("192.0.2.5:1936"));
    assertThat(edge.signingKeys()).hasSize(2);
    assertThat(node.http().maxConnectionsPerAddress()).isEqualTo(500);
    assertThat(load(EdgeConfig.class, everything, "eu-1.edge").relay().parents()).isEmpty();
  }

  @Test
  void variablesOfTheRolesReachTheSettingsOfAnOriginAndOfABalancer() throws Exception {
    OriginConfig origin = load(OriginConfig.class, everything, "origin-1.origin");
    NodeConfig node = origin.node();
    assertThat(node.https().enabled() && node.rtmps().enabled()).isTrue();
    assertThat(origin.publishSecrets()).hasSize(2);
    assertThat(origin.streamLimits().keySet()).containsExactly("live/team-vip", "live/*");
    assertThat(origin.streamLimits().get("live/*").streams()).isEqualTo(2);
    assertThat(origin.hooks().onError()).isEqualTo(HooksConfig.OnError.ALLOW);
    assertThat(origin.recording().enabled()).isTrue();
    assertThat(origin.recording().length().segmentBytes().bytes()).isEqualTo(1L << 30);
    assertThat(origin.recording().retention().keepFor()).isEqualTo(Duration.ofDays(30));
    BalancerConfig balancer = load(BalancerConfig.class, everything, "balancer-1.balancer");
    assertThat(balancer.https().enabled()).isTrue();
    assertThat(balancer.redirect().validFor()).isEqualTo(Duration.ofMinutes(30));
    assertThat(balancer.redirect().signingKey().isEmpty()).isFalse();
    assertThat(balancer.dns().udpAnswersPerSecond()).isEqualTo(50);
    assertThat(balancer.dns().udpUnlimited()).hasSize(1);
  }

  @Test
  void eachHostGetsTheSecretsOfItsOwnSettingsOnly() throws Exception {
    assertThat(Files.readAllLines(to.resolve("eu-1.edge.secrets")))
        .containsExactly("cluster-token", "node-token", "signing-key");
    assertThat(Files.readAllLines(to.resolve("origin-1.origin.secrets")))
        .containsExactly(
            "cluster-token", "node-token", "admin-token", "publish-key", "publish-secret");
    assertThat(Files.readAllLines(to.resolve("balancer-1.balancer.secrets")))
        .containsExactly("cluster-token", "node-token", "admin-token", "signing-key");
  }

  @Test
  void viewersAreSentToHttpsWhereThereIsACertificateAndAName() throws Exception {
    assertThat(load(EdgeConfig.class, to, "eu-1.edge").node().advertise().http())
        .hasToString("http://192.0.2.11");
    PublicConfig edge = load(EdgeConfig.class, everything, "eu-1.edge").node().advertise();
    assertThat(edge.https()).hasToString("https://eu-1.example.net:8443");
    assertThat(edge.http())
        .as("for those that come without")
        .hasToString("http://eu-1.example.net:8080");
    assertThat(edge.rtmps()).hasToString("rtmps://eu-1.example.net:1936");
    PublicConfig origin =
        load(OriginConfig.class, everything, "origin-1.origin").node().advertise();
    assertThat(origin.http()).hasToString("http://192.0.2.5:8080");
    assertThat(origin.https()).as("a certificate, but an address only").isNull();
  }

  @Test
  void onlyServersWithAPortBelow1024MayOpenOne() throws Exception {
    String capability = "AmbientCapabilities=CAP_NET_BIND_SERVICE";
    assertThat(Files.readString(to.resolve("eu-1-edge.service"))).contains(capability);
    assertThat(Files.readString(everything.resolve("eu-1-edge.service")))
        .doesNotContain("CAP_NET_BIND_SERVICE")
        .contains("CapabilityBoundingSet=\n");
    assertThat(Files.readString(everything.resolve("balancer-1-balancer.service")))
        .as("DNS is on port 53")
        .contains(capability);
  }

  @Test
  void systemdAcceptsTheUnits() throws Exception {
    String systemd = Tool.require("systemd-analyze");
    Path program = Files.createDirectories(to.resolve("home/current/bin")).resolve("sluice");
    Files.writeString(program, "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    for (Path unit : units()) {
      Run run = Repository.run(to, List.of(systemd, "verify", "--man=no", unit.toString()));
      // It says what it does not know and exits with 0 all the same.
      assertThat(run).isEqualTo(new Run(0, ""));
    }
  }

  private static List<Path> units() throws Exception {
    try (Stream<Path> one = Files.list(to);
        Stream<Path> other = Files.list(everything)) {
      List<Path> units =
          Stream.concat(one, other).filter(file -> file.toString().endsWith(".service")).toList();
      assertThat(units).hasSize(14);
      return units;
    }
  }

  private static <T extends Record> T load(Class<T> type, Path from, String name) throws Exception {
    return ConfigLoader.load(type, Files.readString(from.resolve(name + ".yaml")), name, Map.of());
  }
}
