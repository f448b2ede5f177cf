package dev.sluice.chassis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  enum Mode {
    KEEP_ALL,
    DROP_TO_KEYFRAME
  }

  record Zone(
      @Setting(doc = "Networks.", def = "") List<Cidr> networks,
      @Setting(doc = "Region.") String region) {}

  record Cache(
      @Setting(doc = "Size.", def = "1GiB", range = "1MiB..1TiB") ByteSize size,
      @Setting(doc = "Directory.") String dir) {}

  record Sample(
      @Setting(doc = "Name.") String id,
      @Setting(doc = "HTTP.") HttpConfig http,
      @Setting(doc = "Cache.") @Nullable Cache cache,
      @Setting(doc = "Wait.", def = "10s", range = "100ms..1h") Duration joinWait,
      @Setting(doc = "Rate.", def = "600kbit/s") Bitrate rate,
      @Setting(doc = "Mode.", def = "keep-all") Mode mode,
      @Setting(doc = "Token.", def = "") Secret token,
      @Setting(doc = "Share.", def = "0.5", range = "0..1") double share,
      @Setting(doc = "Peers.", def = "10.0.0.1:80, [::1]:81") List<HostPort> peers,
      @Setting(doc = "Zones.", def = "") List<Zone> zones,
      @Setting(doc = "Keys.") Map<String, Secret> keys) {}

  private static Sample load(String yaml, Map<String, String> env) {
    return ConfigLoader.load(Sample.class, yaml, "edge.yaml", env);
  }

  private static List<String> faults(String yaml, Map<String, String> env) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> load(yaml, env));
    return e.faults().stream().map(Fault::toString).toList();
  }

  @Test
  void fillsWhatIsNotGivenWithDefaults() {
    Sample sample = load("id: eu-1", Map.of());
    assertThat(sample.id()).isEqualTo("eu-1");
    assertThat(sample.http()).isEqualTo(HttpConfig.of("0.0.0.0", 8080));
    assertThat(sample.cache()).isNull();
    assertThat(sample.joinWait()).isEqualTo(Duration.ofSeconds(10));
    assertThat(sample.rate().bitsPerSecond()).isEqualTo(600_000);
    assertThat(sample.mode()).isEqualTo(Mode.KEEP_ALL);
    assertThat(sample.token().isEmpty()).isTrue();
    assertThat(sample.peers())
        .containsExactly(new HostPort("10.0.0.1", 80), new HostPort("::1", 81));
    assertThat(sample.zones()).isEmpty();
    assertThat(sample.keys()).isEmpty();
  }

  @Test
  void readsEveryKindOfValue() {
    Sample sample =
        load(
            """
            id: eu-1
            http:
              port: 0
              idleTimeout: 5m
            cache: {dir: /var/cache, size: 2MiB}
            joinWait: 250ms
            rate: 1.5Gbit/s
            mode: drop-to-keyframe
            token: s3cret
            share: 1
            peers: [127.0.0.1:1]
            zones:
              - networks: [10.1.2.3/8, "2001:db8::/32"]
                region: eu
            keys:
              "demo*": demo
            """,
            Map.of());
    assertThat(sample.http().idleTimeout()).isEqualTo(Duration.ofMinutes(5));
    assertThat(sample.cache()).isEqualTo(new Cache(ByteSize.ofMiB(2), "/var/cache"));
    assertThat(sample.rate().bitsPerSecond()).isEqualTo(1_500_000_000);
    assertThat(sample.mode()).isEqualTo(Mode.DROP_TO_KEYFRAME);
    assertThat(sample.token().reveal()).isEqualTo("s3cret");
    assertThat(sample.peers()).containsExactly(new HostPort("127.0.0.1", 1));
    assertThat(sample.zones().getFirst().networks().getFirst()).hasToString("10.0.0.0/8");
    assertThat(sample.keys().get("demo*")).isEqualTo(Secret.of("demo"));
  }

  @Test
  void environmentWinsOverTheFile() {
    Sample sample =
        load(
            "id: eu-1\nhttp: {port: 1}",
            Map.of(
                "SLUICE_HTTP_PORT", "8091",
                "SLUICE_HTTP_MAX_HEADER_BYTES", "32KiB",
                "SLUICE_PEERS", "127.0.0.1:7, 127.0.0.1:8",
                "SLUICE_KEYS", "{a: b}",
                "SLUICE_ZONES", "[{region: us, networks: 10.0.0.0/8}]"));
    assertThat(sample.http().port()).isEqualTo(8091);
    assertThat(sample.http().maxHeaderBytes()).isEqualTo(ByteSize.ofKiB(32));
    assertThat(sample.peers()).hasSize(2);
    assertThat(sample.keys()).containsKey("a");
    assertThat(sample.zones().getFirst().region()).isEqualTo("us");
  }

  @Test
  void namesEveryFaultWithItsLineAtOnce() {
    assertThat(
            faults(
                """
                http:
                  prot: 80
                  port: 70000
                  idleTimeout: 5 parsecs
                joinWait: 2h
                share: .nan
                mode: fast
                zones:
                  - networks: [10.0.0.0/99]
                cache:
                  size: 1MB
                keys: 7
                colour: blue
                """,
                Map.of()))
        .containsExactly(
            "edge.yaml:2: http.prot (expected: a known key; did you mean port)",
            "edge.yaml:3: http.port: 70000 (expected: 0..65535)",
            "edge.yaml:4: http.idleTimeout: 5 parsecs (expected: a duration such as 250ms, 10s, 5m,"
                + " 2h or 7d, 1s..1h)",
            "edge.yaml:5: joinWait: 2h (expected: 100ms..1h)",
            "edge.yaml:6: share: .nan (expected: a number, 0..1)",
            "edge.yaml:7: mode: fast (expected: one of: keep-all, drop-to-keyframe)",
            "edge.yaml:9: zones[0].networks[0]: 10.0.0.0/99 (expected: a network such as 10.0.0.0/8"
                + " or 2001:db8::/32)",
            "edge.yaml:11: cache.size: 1MB (expected: 1MiB..1TiB)",
            "edge.yaml:12: keys: 7 (expected: keys with values)",
            "edge.yaml:13: colour (expected: a known key; one of: id, http, cache, joinWait, rate,"
                + " mode, token, share, peers, zones, keys)",
            "edge.yaml: id (expected: a value. Name.)",
            "edge.yaml: cache.dir (expected: a value. Directory.)",
            "edge.yaml: zones[0].region (expected: a value. Region.)");
  }

  @Test
  void namesFaultsOfTheEnvironment() {
    assertThat(
            faults(
                "id: x", Map.of("SLUICE_HTTP_PORT", "x", "SLUICE_HTTP_PROT", "1", "SLUICE_X", "")))
        .containsExactlyInAnyOrder(
            "environment: SLUICE_HTTP_PORT: x (expected: a whole number, 0..65535)",
            "environment: SLUICE_HTTP_PROT (expected: a known key; did you mean SLUICE_HTTP_PORT)");
  }

  @Test
  void refusesTextThatIsNotYamlWithTheLine() {
    assertThat(faults("id: a\nhttp: [", Map.of()))
        .containsExactly(
            "edge.yaml:2: no YAML at column 8: expected the node content, but found '<stream end>'");
    assertThat(faults("- a", Map.of()))
        .first()
        .asString()
        .isEqualTo("edge.yaml:1: a list (expected: keys with values)");
    assertThat(faults("id: a\nid: b", Map.of()))
        .containsExactly("edge.yaml:2: id (expected: each key once)");
  }

  @Test
  void readsSecretsFromFilesAndNeverShowsThem(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("token"), "hidden\n");
    Sample sample = load("id: a\ntoken: file:" + file, Map.of());
    assertThat(sample.token().reveal()).isEqualTo("hidden");
    assertThat(sample.toString()).doesNotContain("hidden");
    assertThat(faults("id: a\ntoken: file:" + dir.resolve("none"), Map.of()))
        .first()
        .asString()
        .contains("******");
  }

  @Test
  void describesEverySettingInOrder() {
    assertThat(ConfigReference.describe(Sample.class))
        .extracting(ConfigReference.Row::key)
        .contains("id", "http.port", "cache.size", "zones[].networks", "keys");
    assertThat(ConfigReference.markdown(Sample.class))
        .contains("| `http.port` | int | `8080` | `0..65535` | Port to listen on");
    assertThat(ConfigReference.text(Sample.class)).contains("SLUICE_HTTP_MAX_HEADER_BYTES");
  }

  record Moved(
      @Setting(doc = "Limits.") Limits limits,
      @Setting(doc = "Live.") Live live,
      @Setting(doc = "A name.", def = "a", expert = true) String name) {}

  record Live(@Setting(doc = "Other.", def = "1") int other) {}

  record Limits(@Setting(doc = "Most.", def = "1", was = "live.most") int most) {}

  @Test
  void whoWritesAKeyAsItWasIsToldWhatItIsNow() {
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                ConfigLoader.load(
                    Moved.class, "limits: {most: 2}\nlive: {most: 2}", "f", Map.of()));
    assertThat(e.faults()).hasSize(1);
    assertThat(e.faults().getFirst().toString()).contains("live.most", "limits.most");
  }

  @Test
  void whatOnlyAnExpertWouldTouchStandsInASecondTable() {
    String page = ConfigReference.markdown(Moved.class);
    assertThat(page.indexOf("`limits.most`")).isLessThan(page.indexOf("For experts"));
    assertThat(page.indexOf("`name`")).isGreaterThan(page.indexOf("For experts"));
    assertThat(ConfigReference.text(Moved.class)).contains("name  (expert)  text");
  }

  record Fleet(
      @Setting(doc = "Origins.") List<HttpRoot> origins,
      @Setting(doc = "Told.") PublicConfig advertise,
      @Setting(doc = "Rules.") Rules rules) {}

  record Rules(@Setting(doc = "Most.", def = "1") int most) {
    Rules {
      if (most > 5) {
        throw new IllegalArgumentException("most: " + most + " (expected: one hand)");
      }
    }
  }

  private static List<String> fleetFaults(String yaml) {
    return catchThrowableOfType(
            ConfigException.class,
            () -> ConfigLoader.load(Fleet.class, yaml, "edge.yaml", Map.of()))
        .faults()
        .stream()
        .map(Fault::toString)
        .toList();
  }

  @Test
  void readsBaseUrlsAndAddresses() {
    Fleet fleet =
        ConfigLoader.load(
            Fleet.class,
            """
            origins: ["http://origin-1:8081/", "https://[2001:db8::1]"]
            advertise: {http: "", rtmp: "rtmp://eu-1.example.net", addresses: ["2001:db8::10"]}
            """,
            "edge.yaml",
            Map.of());
    assertThat(fleet.origins())
        .extracting(HttpRoot::toString)
        .containsExactly("http://origin-1:8081", "https://[2001:db8::1]");
    assertThat(fleet.advertise().http()).isNull();
    assertThat(fleet.advertise().rtmp()).hasToString("rtmp://eu-1.example.net");
    assertThat(fleet.advertise().addresses()).hasSize(1);
  }

  @Test
  void refusesWhatIsNoBaseUrlOrAddress() {
    assertThat(
            fleetFaults(
                """
                origins:
                  - origin-1:8081
                  - http://a/path
                  - ftp://a
                  - http://a:99999
                  - http://user@a
                  - http://a b
                advertise:
                  http: eu-1.example.net
                  rtmp: http://eu-1.example.net
                  addresses: [eu-1.example.net]
                """))
        .containsExactly(
            "edge.yaml:2: origins[0]: origin-1:8081 (expected: " + HttpRoot.EXPECTED + ")",
            "edge.yaml:3: origins[1]: http://a/path (expected: " + HttpRoot.EXPECTED + ")",
            "edge.yaml:4: origins[2]: ftp://a (expected: " + HttpRoot.EXPECTED + ")",
            "edge.yaml:5: origins[3]: http://a:99999 (expected: " + HttpRoot.EXPECTED + ")",
            "edge.yaml:6: origins[4]: http://user@a (expected: " + HttpRoot.EXPECTED + ")",
            "edge.yaml:7: origins[5]: http://a b (expected: " + HttpRoot.EXPECTED + ")",
            "edge.yaml:9: advertise.http: eu-1.example.net (expected: " + HttpRoot.EXPECTED + ")",
            "edge.yaml:10: advertise.rtmp: http://eu-1.example.net (expected: "
                + RtmpRoot.EXPECTED
                + ")",
            "edge.yaml:11: advertise.addresses[0]: eu-1.example.net (expected: an IP address such"
                + " as 192.0.2.10 or 2001:db8::10)");
  }

  @Test
  void aListWithoutDefaultNeedsAnElement() {
    String expected = "origins (expected: at least one. Origins.)";
    assertThat(fleetFaults("")).containsExactly("edge.yaml: " + expected);
    assertThat(fleetFaults("rules: {most: 1}\norigins: []"))
        .containsExactly("edge.yaml:2: " + expected);
    assertThat(ConfigReference.describe(Fleet.class).getFirst().def()).isEqualTo("required");
  }

  @Test
  void aRuleOfARecordIsToldLikeAnyOtherFault() {
    assertThat(fleetFaults("origins: [http://a]\nrules:\n  most: 7"))
        .containsExactly("edge.yaml:3: rules.most: 7 (expected: one hand)");
  }

  record Unreadable(
      @Setting(doc = "Sizes.", def = "", range = "1MiB..1XiB") List<ByteSize> sizes) {}

  @Test
  void aRangeThatCannotBeReadIsFoundThoughNobodyGivesTheValue() {
    IllegalArgumentException e =
        catchThrowableOfType(
            IllegalArgumentException.class,
            () -> ConfigLoader.load(Unreadable.class, "", "edge.yaml", Map.of()));
    assertThat(e).hasMessageContaining("sizes has the range 1MiB..1XiB");
  }
}
