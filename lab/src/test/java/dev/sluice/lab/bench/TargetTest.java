package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
  private static final String ROUTES = "Iface\tDestination\tGateway\n";

  @TempDir Path proc;

  @Test
  void splitsAnRtmpUrl() {
    StreamUrl url = StreamUrl.parse("rtmp://127.0.0.1/cdn/live/demo?key=s");
    assertThat(url.rtmp()).isTrue();
    assertThat(url.address().getPort()).isEqualTo(1935);
    assertThat(url.app()).isEqualTo("cdn/live");
    assertThat(url.name()).isEqualTo("demo?key=s");
    assertThat(url).hasToString("rtmp://127.0.0.1:1935/cdn/live/demo?key=s");
  }

  @Test
  void splitsAnHttpUrl() {
    StreamUrl url = StreamUrl.parse("http://[::1]:8080/live/demo.flv?token=1");
    assertThat(url.rtmp()).isFalse();
    assertThat(url.name()).isEqualTo("/live/demo.flv?token=1");
    assertThat(url.authority()).isEqualTo("[0:0:0:0:0:0:0:1]:8080");
  }

  @Test
  void splitsAWebSocketUrl() {
    StreamUrl url = StreamUrl.parse("ws://127.0.0.1/live/demo.flv");
    assertThat(url.scheme()).isEqualTo(StreamUrl.Scheme.WS);
    assertThat(url).hasToString("ws://127.0.0.1:80/live/demo.flv");
  }

  @Test
  void knowsTheUsualPortOfTls() {
    StreamUrl url = StreamUrl.parse("wss://127.0.0.1/live/demo.flv");
    assertThat(url.secure()).isTrue();
    assertThat(url).hasToString("wss://127.0.0.1:443/live/demo.flv");
    assertThat(StreamUrl.parse("https://127.0.0.1:8443/live/demo.flv").address().getPort())
        .isEqualTo(8443);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rtmp://127.0.0.1/live", "ftp://127.0.0.1/x", "/live/x", "rtmp:x"})
  void refusesWhatIsNoStream(String url) {
    assertThatThrownBy(() -> StreamUrl.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: rtmp://host");
  }

  @Test
  void refusesOtherMachines() {
    assertThatThrownBy(() -> StreamUrl.parse("rtmp://192.0.2.7/live/x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("192.0.2.7 (expected: 127.0.0.0/8 or ::1");
  }

  @Test
  void allowsAnyAddressInsideAPrivateNamespace() throws IOException {
    namespaces("net:[1]", "net:[2]");
    Files.writeString(proc.resolve("net/route"), ROUTES + "veth0\t000200C0\t00000000\n");
    LoopbackOnly.check(other(), proc);
  }

  @Test
  void refusesOtherMachinesInANamespaceWithAWayOut() throws IOException {
    namespaces("net:[1]", "net:[2]");
    Files.writeString(proc.resolve("net/route"), ROUTES + "veth0\t00000000\t010200C0\n");
    assertThatThrownBy(() -> LoopbackOnly.check(other(), proc)).hasMessageContaining("expected");
  }

  @Test
  void refusesOtherMachinesInTheNamespaceOfProcessOne() throws IOException {
    namespaces("net:[1]", "net:[1]");
    Files.writeString(proc.resolve("net/route"), ROUTES);
    assertThatThrownBy(() -> LoopbackOnly.check(other(), proc)).hasMessageContaining("expected");
  }

  @Test
  void takesSourcesInTurnWithoutNetworkAndBroadcast() {
    SourceAddresses sources = SourceAddresses.parse("127.0.1.0/30");
    assertThat(sources.of(0).getHostAddress()).isEqualTo("127.0.1.1");
    assertThat(sources.of(1).getHostAddress()).isEqualTo("127.0.1.2");
    assertThat(sources.of(2).getHostAddress()).isEqualTo("127.0.1.1");
    assertThat(SourceAddresses.parse("127.0.1.0/24").of(253).getHostAddress())
        .isEqualTo("127.0.1.254");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.1.0", "127.0.1.0/31", "::1/64", "x/24", "192.0.2.0/24"})
  void refusesOtherSources(String cidr) {
    assertThatThrownBy(() -> SourceAddresses.parse(cidr))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  private static InetAddress other() throws IOException {
    return InetAddress.getByName("192.0.2.7");
  }

  private void namespaces(String first, String own) throws IOException {
    Files.createDirectories(proc.resolve("net"));
    for (String process : new String[] {"1", "self"}) {
      Path dir = Files.createDirectories(proc.resolve(process + "/ns"));
      Files.createSymbolicLink(dir.resolve("net"), Path.of(process.equals("1") ? first : own));
    }
  }
}
