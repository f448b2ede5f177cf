package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Secret;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  @Test
  void aTokenMadeWithTheOriginsConfigurationIsGoodAtTheOrigin() throws Exception {
    Path file = directory.resolve("origin.yaml");
    Files.writeString(file, "id: o\nfiles: {directory: d}\npublishSecrets: [s3]\n");
    assertThat(run("token", "publish", "live/demo", "--config", file.toString(), "--ttl", "1h"))
        .as(err.toString())
        .isZero();
    PublishTokens origin = new PublishTokens(List.of(Secret.of("s3")));
    Instant now = Instant.now();
    String token = out.toString().strip();
    assertThat(origin.verify("live/demo", token, now.plusSeconds(3000)))
        .isEqualTo(new PublishTokens.Verdict.Valid("live/demo"));
    assertThat(origin.verify("live/demo", token, now.plusSeconds(3700)))
        .isInstanceOf(PublishTokens.Verdict.Expired.class);
    assertThat(err.toString()).contains("good for live/demo until");
  }

  @Test
  void withoutASecretItSaysWhatIsMissing() throws Exception {
    Path file = directory.resolve("origin.yaml");
    Files.writeString(file, "id: o\nfiles: {directory: d}\n");
    assertThat(run("token", "publish", "live/demo", "--config", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("publishSecrets is empty");
    assertThat(run("token", "publish", "live/demo")).isEqualTo(2);
    assertThat(run("token", "publish", "live/demo", "--secret", "")).isEqualTo(2);
  }

  @Test
  void aFreshSecretIsTakenByAServerAndIsAnotherEachTime() throws Exception {
    assertThat(run("token", "new")).isZero();
    assertThat(run("token", "new")).isZero();
    assertThat(out.toString().lines().distinct()).hasSize(2).allMatch(s -> s.length() >= 32);

    Path file = directory.resolve("secrets/admin-token");
    assertThat(run("token", "new", file.toString())).isZero();
    String made = Files.readString(file);
    assertThat(Files.getPosixFilePermissions(file))
        .containsExactlyInAnyOrderElementsOf(PosixFilePermissions.fromString("rw-------"));
    assertThat(run("token", "new", file.toString())).as("what is in use stays").isZero();
    assertThat(Files.readString(file)).isEqualTo(made);
    assertThat(err.toString()).contains("admin-token: made", "is there already");

    Path config = directory.resolve("origin.yaml");
    Files.writeString(config, "id: o\nfiles: {directory: d}\nadminToken: file:" + file + "\n");
    assertThat(run("config", "--check", config.toString(), "origin")).isZero();
  }

  @Test
  void aServerDoesNotStartWithASecretThatEverybodyKnowsAndTheCheckSaysSoToo() throws Exception {
    Path config = directory.resolve("origin.yaml");
    Files.writeString(config, "id: o\nfiles: {directory: d}\nadminToken: demo\n");
    Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-------"));
    assertThat(run("origin", "--config", config.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("adminToken: ******", "`sluice token new` makes one");
    assertThat(run("config", "--check", config.toString(), "origin")).isEqualTo(1);
    assertThat(out.toString()).contains("adminToken: ******", "ships with Sluice");
  }

  @Test
  void aBalancerWithoutAClusterTokenListensOnLoopbackOnly() throws Exception {
    BalancerConfig everywhere = balancer("id: b");
    assertThat(everywhere.http().bind()).isEqualTo("127.0.0.1");
    assertThat(balancer("http: {bind: \"::\"}").http().bind()).isEqualTo("::1");
    assertThatThrownBy(() -> balancer("http: {bind: 192.0.2.1}"))
        .hasMessageContaining("http.bind: 192.0.2.1 (expected: a loopback address, since");
    assertThatThrownBy(() -> balancer("http: {also: [\"192.0.2.1:80\"]}"))
        .hasMessageContaining("http.also");
    assertThat(balancer("cluster: {token: t}").http().bind()).isEqualTo("0.0.0.0");
  }

  private static BalancerConfig balancer(String yaml) {
    return ConfigLoader.load(BalancerConfig.class, yaml, "b.yaml", Map.of());
  }
}
