package dev.sluice.chassis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings that several servers share: the file of each is as flat as if it had them alone. */
class SharedSettingsTest {
  record Shared(
      @Setting(doc = "Name.") String id,
      @Setting(doc = "Web.") HttpConfig http,
      @Inlined Deeper deeper,
      @Setting(doc = "Token.", def = "") Secret token) {
    Shared {
      if (id.length() > 4) {
        throw new IllegalArgumentException("id: " + id + " (expected: 4 letters)");
      }
    }
  }

  record Deeper(@Setting(doc = "Depth.", def = "1", range = "1..9") int depth) {}

  record Listener(
      @Setting(doc = "Whether.", def = "false") boolean enabled,
      @Setting(doc = "Port.", def = "80", range = "0..65535") int port) {}

  record Server(
      @Inlined Shared shared,
      @Setting(doc = "Origins.", def = "") List<HttpRoot> origins,
      @Setting(doc = "Web.", def = "port: 443") Listener https,
      @Setting(doc = "Video.", def = "port: 1936, enabled: true") Listener rtmps,
      @Setting(doc = "Plain.") Listener plain) {}

  record Twice(@Inlined Deeper deeper, @Setting(doc = "Depth.", def = "1") int depth) {}

  record NoSuchKey(@Setting(doc = "Web.", def = "prot: 443") Listener https) {}

  private static Server load(String yaml, Map<String, String> env) {
    return ConfigLoader.load(Server.class, yaml, "edge.yaml", env);
  }

  private static List<String> faults(String yaml, Map<String, String> env) {
    return catchThrowableOfType(ConfigException.class, () -> load(yaml, env)).faults().stream()
        .map(Fault::toString)
        .toList();
  }

  @Test
  void sharedKeysStandBesideTheServersOwn() {
    Server server =
        load("id: eu-1\nhttp: {port: 1}\ndepth: 3\norigins: http://a\ntoken: t", Map.of());
    assertThat(server.shared().id()).isEqualTo("eu-1");
    assertThat(server.shared().http().port()).isEqualTo(1);
    assertThat(server.shared().deeper().depth()).isEqualTo(3);
    assertThat(server.shared().token().reveal()).isEqualTo("t");
    assertThat(server.origins()).hasSize(1);
  }

  @Test
  void sharedKeysHaveTheVariablesOfFlatOnes() {
    Map<String, String> env =
        Map.of("SLUICE_ID", "us-1", "SLUICE_HTTP_PORT", "2", "SLUICE_DEPTH", "4");
    Server server = load("id: eu-1", env);
    assertThat(server.shared().id()).isEqualTo("us-1");
    assertThat(server.shared().http().port()).isEqualTo(2);
    assertThat(server.shared().deeper().depth()).isEqualTo(4);
    assertThat(faults("id: a", Map.of("SLUICE_DEPHT", "1")))
        .containsExactly(
            "environment: SLUICE_DEPHT (expected: a known key; did you mean SLUICE_DEPTH)");
  }

  @Test
  void faultsOfSharedKeysNameThemAsTheyAreWritten() {
    assertThat(faults("shared: {id: a}\nhttp: {prot: 1}\ndepth: 10\noriginz: []", Map.of()))
        .containsExactly(
            "edge.yaml:1: shared (expected: a known key; one of: id, http, depth, token, origins,"
                + " https, rtmps, plain)",
            "edge.yaml:2: http.prot (expected: a known key; did you mean port)",
            "edge.yaml:3: depth: 10 (expected: 1..9)",
            "edge.yaml:4: originz (expected: a known key; did you mean origins)",
            "edge.yaml: id (expected: a value. Name.)");
    assertThat(faults("depth: 2\nid: long-name", Map.of()))
        .containsExactly("edge.yaml:2: id: long-name (expected: 4 letters)");
  }

  @Test
  void theManualShowsThemFlatAndInOrder() {
    assertThat(ConfigReference.describe(Server.class))
        .extracting(ConfigReference.Row::key)
        .startsWith("id", "http.bind")
        .containsSubsequence("http.names", "depth", "token", "origins", "https.enabled");
    assertThat(ConfigReference.text(Server.class)).contains("SLUICE_DEPTH", "SLUICE_HTTP_PORT");
  }

  @Test
  void aServerHasDefaultsOfItsOwnForASharedRecord() {
    Server server = load("id: a\nplain: {enabled: true}\nhttps: {enabled: true}", Map.of());
    assertThat(server.https()).isEqualTo(new Listener(true, 443));
    assertThat(server.rtmps()).isEqualTo(new Listener(true, 1936));
    assertThat(server.plain()).isEqualTo(new Listener(true, 80));
    assertThat(load("id: a\nhttps: {port: 8443}", Map.of()).https().port()).isEqualTo(8443);
    assertThat(ConfigReference.markdown(Server.class))
        .contains("| `https.port` | int | `443` | `0..65535` | Port. |")
        .contains("| `plain.port` | int | `80` | `0..65535` | Port. |");
  }

  @Test
  void weakSecretsOfSharedKeysAreFoundUnderTheirNames(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("edge.yaml"), "id: a\ntoken: short\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Server server = load(Files.readString(file), Map.of());
    assertThat(SecretRules.faults(server, file, Map.of()))
        .extracting(Fault::key)
        .containsExactly("token", "");
    Server byVariable = load("id: a", Map.of("SLUICE_TOKEN", "short"));
    assertThat(SecretRules.faults(byVariable, file, Map.of("SLUICE_TOKEN", "short")))
        .as("its file holds no secret and may be open")
        .extracting(Fault::key)
        .containsExactly("token");
  }

  @Test
  void aKeyThatTwoRecordsHaveOrNoneHasIsAFaultOfTheProgram() {
    assertThatThrownBy(() -> ConfigLoader.load(Twice.class, "", "x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a key twice: [depth, depth]");
    assertThatThrownBy(() -> ConfigLoader.load(NoSuchKey.class, "", "x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("named prot");
  }
}
