package dev.sluice.app.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.ops.Repository.Run;
import dev.sluice.balancer.BalancerConfig;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The playbooks are sound, and what they write is accepted by systemd and by the servers. */
class AnsibleTest {
  private static final Path ANSIBLE = Repository.root().resolve("ansible");

  @TempDir private static Path to;

  @BeforeAll
  static void render() throws Exception {
    Path secrets = Files.createDirectories(to.resolve("conf/secrets"));
    for (String name : List.of("cluster-token", "admin-token", "publish-key")) {
      Files.writeString(secrets.resolve(name), "secret-of-the-test");
    }
    Run run =
        Repository.run(
            ANSIBLE,
            List.of(
                Tool.require("ansible-playbook"),
                "-i",
                "inventory/example",
                "tests/render.yml",
                "-e",
                "render_to=" + to,
                "-e",
                "sluice_home=" + to.resolve("home"),
                "-e",
                "sluice_conf=" + to.resolve("conf")));
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
    assertThat(ConfigLoader.load(OriginConfig.class, read("origin-1.origin"), "o", Map.of()).id())
        .isEqualTo("origin-1");
    for (String edge : List.of("eu-1", "eu-2", "us-1", "us-2")) {
      EdgeConfig config = ConfigLoader.load(EdgeConfig.class, read(edge + ".edge"), edge, Map.of());
      assertThat(config.id()).isEqualTo(edge);
      assertThat(config.region()).isEqualTo(edge.substring(0, 2));
      assertThat(config.cluster().balancers()).hasSize(2);
    }
    for (String id : List.of("balancer-1", "balancer-2")) {
      BalancerConfig config =
          ConfigLoader.load(BalancerConfig.class, read(id + ".balancer"), id, Map.of());
      assertThat(config.id()).isEqualTo(id);
    }
  }

  @Test
  void systemdAcceptsTheUnits() throws Exception {
    String systemd = Tool.require("systemd-analyze");
    Path program = Files.createDirectories(to.resolve("home/current/bin")).resolve("sluice");
    Files.writeString(program, "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    for (String role : List.of("origin", "edge", "balancer")) {
      Path unit = to.resolve("sluice-" + role + ".service");
      Run run = Repository.run(to, List.of(systemd, "verify", "--man=no", unit.toString()));
      // It says what it does not know and exits with 0 all the same.
      assertThat(run).isEqualTo(new Run(0, ""));
    }
  }

  private static String read(String name) throws Exception {
    return Files.readString(to.resolve(name + ".yaml"));
  }
}
