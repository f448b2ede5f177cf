package dev.sluice.chassis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretRulesTest {
  private static final String GOOD = "mTq3kPz0-Vb7_xYw2RcN4sLd";

  @TempDir private Path directory;

  /** A secret in each place where a configuration can have one. */
  record Sample(
      @Setting(doc = "One.", def = "") Secret adminToken,
      @Setting(doc = "Some.", def = "") List<Secret> keys,
      @Setting(doc = "By name.", def = "") Map<String, Secret> streamKeys,
      @Setting(doc = "Deeper.") Inner inner,
      @Setting(doc = "TLS.") TlsConfig tls) {}

  /** Below it. */
  record Inner(@Setting(doc = "One more.", def = "") Secret token) {}

  private Path file(String name, String mode, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return file;
  }

  private List<String> faults(String yaml, Map<String, String> env) throws IOException {
    Path config = file("server.yaml", "rw-------", yaml);
    Sample sample = ConfigLoader.load(Sample.class, yaml, config.toString(), env);
    return SecretRules.faults(sample, config, env).stream().map(Fault::toString).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adminToken: %s",
        "keys: [%s]",
        "streamKeys: {live/a.b: %s}",
        "inner: {token: %s}"
      })
  void aShortOrShippedSecretIsRefusedWhereverItStands(String yaml) throws IOException {
    assertThat(faults(yaml.formatted(GOOD), Map.of())).isEmpty();
    assertThat(faults(yaml.formatted("only-15-letters"), Map.of()))
        .singleElement()
        .asString()
        .contains("******", "at least 16 characters", "sluice token new")
        .doesNotContain("only-15");
    for (String shipped : List.of("demo", "change-me-publish-tokens")) {
      assertThat(faults(yaml.formatted(shipped), Map.of()))
          .singleElement()
          .asString()
          .contains("ships with Sluice", "sluice token new");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"' ' * 16", "aaaaaaaaaaaaaaaaaaaa", "1234123412341234", "abababababababab"})
  void theSameFewCharactersAgainAndAgainAreNoSecret(String text) throws IOException {
    String secret = text.equals("' ' * 16") ? "'" + " ".repeat(16) + "'" : text;
    assertThat(faults("adminToken: " + secret, Map.of()))
        .singleElement()
        .asString()
        .contains("******", "again and again", "sluice token new");
  }

  @ParameterizedTest
  @CsvSource({
    "rw-------, true",
    "r--------, true",
    "rw-r--r--, false",
    "rw----r--, false",
    "rw-r-----, false",
    "rw--w----, false",
    "rw-----w-, false"
  })
  void aFileThatOthersCanReadIsRefused(String mode, boolean good) throws IOException {
    Path secret = file("admin-token", mode, GOOD + "\n");
    List<String> faults = faults("adminToken: file:" + secret, Map.of());
    if (good) {
      assertThat(faults).isEmpty();
    } else {
      assertThat(faults).singleElement().asString().contains("adminToken", mode, "chmod 600");
    }
  }

  @Test
  void aConfigurationWithASecretInItIsSuchAFile() throws IOException {
    String yaml = "adminToken: " + GOOD;
    Path config = file("open.yaml", "rw-r--r--", yaml);
    Sample inline = ConfigLoader.load(Sample.class, yaml, "open.yaml", Map.of());
    assertThat(SecretRules.faults(inline, config, Map.of()))
        .singleElement()
        .asString()
        .contains("open.yaml", "mode 0600", "chmod 600");
    Map<String, String> env = Map.of("SLUICE_ADMIN_TOKEN", GOOD);
    Sample given = ConfigLoader.load(Sample.class, "", "open.yaml", env);
    assertThat(SecretRules.faults(given, config, env)).isEmpty();
  }

  @Test
  void theKeyOfACertificateIsASecretToo() throws IOException {
    Path key = file("privkey.pem", "rw-r--r--", "key");
    assertThat(faults("tls: {certificate: c.pem, key: " + key + "}", Map.of()))
        .singleElement()
        .asString()
        .contains("tls.key", "chmod 600");
  }
}
