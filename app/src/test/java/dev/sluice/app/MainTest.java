package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  @Test
  void saysItsVersion() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("sluice ").contains("Java ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "origin", "edge", "balancer", "config", "token", "bench", "lab"})
  void everyCommandHelpsWithAnExample(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("Example", "sluice " + command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nonsense", "edge", "config", "config --describe nobody", "edge --config"})
  void wrongUseIsExitCode2(String words) {
    assertThat(run(words.split(" "))).isEqualTo(2);
    assertThat(err.toString()).isNotEmpty();
  }

  @Test
  void aPortBaseOutOfRangeIsWrongUse() {
    assertThat(run("demo", "--port-base", "65500")).isEqualTo(2);
    assertThat(err.toString()).contains("port base: 65500 (expected: 0..65482)");
  }

  @Test
  void aMissingFileIsOneSentence() {
    assertThat(run("edge", "--config", "/nowhere/x.yaml")).isEqualTo(1);
    assertThat(err.toString().lines()).containsExactly("sluice: no such file: /nowhere/x.yaml");
  }

  @Test
  void describesTheSettingsOfARole() {
    assertThat(run("config", "--describe", "edge")).isZero();
    assertThat(out.toString()).contains("# edge", "http.port", "SLUICE_HTTP_PORT");
  }

  @Test
  void checksAFileAndNamesItsFaults(@TempDir Path directory) throws Exception {
    Path good = Files.writeString(directory.resolve("good.yaml"), "id: origin-9\nfiles: {}\n");
    assertThat(run("config", "--check", good.toString())).isZero();
    assertThat(out.toString()).contains("a good configuration for: origin");
    Path bad = Files.writeString(directory.resolve("bad.yaml"), "id: a\nhttp: {prot: 1}\n");
    assertThat(run("config", "--check", bad.toString(), "edge")).isEqualTo(1);
    assertThat(out.toString()).contains(bad + ":2: http.prot", "did you mean port");
  }

  @Test
  void aListedNodeWithoutARoleIsAFaultThatSaysWhichThereAre(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("b.yaml");
    Files.writeString(file, "cluster:\n  nodes:\n    eu-1: {token: token-of-node-eu-1}\n");
    assertThat(run("config", "--check", file.toString(), "balancer")).isEqualTo(1);
    assertThat(out.toString())
        .contains(file + ": cluster.nodes.eu-1.role (expected: a value.", "edge or balancer");
  }

  /** Issue 7, number 6: a name that others refuse is refused where it is given. */
  @ParameterizedTest
  @CsvSource({
    "edge, 'id: eu_1 !', id",
    "edge, 'id: eu-1\\nregion: e u', region",
    "origin, 'id: -o', id",
    "origin, 'id: o\\nregion: \"a/b\"', region",
    "balancer, 'id: ../b', id",
    "balancer, 'region: \"<b>\"', region",
    "balancer, 'regions: {\"e u\": {}}', regions",
    "balancer, 'cluster: {nodes: {\"a b\": {role: edge, token: token-of-node-a-b}}}', cluster",
    "balancer, 'cluster: {nodes: {a: {role: edge, token: token-of-node-a-b, region: \"e,u\"}}}', cluster",
  })
  void namesThatCanBeNoNodeOrRegionAreFaultsOfAConfiguration(
      String role, String yaml, String key, @TempDir Path directory) throws Exception {
    Path file = directory.resolve("node.yaml");
    String rest = role.equals("edge") ? "\norigins: http://o:1\nrelay: {origins: o:2}\n" : "\n";
    Files.writeString(file, yaml.replace("\\n", "\n") + rest);
    assertThat(run("config", "--check", file.toString(), role)).isEqualTo(1);
    assertThat(out.toString().lines().filter(line -> line.contains("at most 64 letters")))
        .singleElement()
        .asString()
        .contains(": " + key);
  }

  @Test
  void whatIsNoYamlFileIsNamedWithTheReason(@TempDir Path directory) throws Exception {
    assertThat(run("config", "--check", directory.toString(), "edge")).isEqualTo(1);
    assertThat(err.toString()).startsWith("sluice: " + directory + " is a directory");
    Path bytes = Files.write(directory.resolve("bytes.yaml"), new byte[] {(byte) 0xff, 1, 2});
    assertThat(run("edge", "--config", bytes.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("sluice: " + bytes + " is not text in UTF-8");
    Path torn = Files.writeString(directory.resolve("torn.yaml"), "id: a\nhttp: {port: 1\n");
    assertThat(run("edge", "--config", torn.toString())).isEqualTo(1);
    assertThat(err.toString()).contains(torn + ":3: no YAML at column 1: ");
  }

  @Test
  void anEdgeWithoutOriginsIsAFaultOfItsConfiguration(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("e.yaml"), "id: e\norigins: []\n");
    assertThat(run("edge", "--config", file.toString())).isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith(file + ":2: origins (expected: at least one.");
  }

  @Test
  void aTakenPortIsNamedWithItsSettingAndTheDemoSaysHowToGetOthers() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int base = taken.getLocalPort();
      Assumptions.assumeTrue(base <= 65482, "too high for a base of ports");
      assertThat(run("demo", "--port-base", Integer.toString(base))).isEqualTo(1);
      assertThat(err.toString())
          .matches(
              "(?s)sluice: port \\d+ on 127.0.0.1 is in use \\(\\w+.port\\); for other ports: .*");
    }
  }

  @Test
  void helpIsACommandToo() {
    assertThat(run("help")).isZero();
    assertThat(out.toString()).contains("sluice demo", "./sluice test");
    assertThat(run("help", "edge")).isZero();
    assertThat(out.toString()).contains("sluice edge --config");
  }
}
