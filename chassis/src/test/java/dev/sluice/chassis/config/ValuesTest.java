package dev.sluice.chassis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

  @ParameterizedTest
  @CsvSource({
    "0B,0,0B",
    "64KiB,65536,64KiB",
    "2MiB,2097152,2MiB",
    "1 kB,1000,1000B",
    "1.5KiB,1536,1536B"
  })
  void readsAndWritesSizes(String text, long bytes, String written) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    assertThat(ByteSize.parse(text)).hasToString(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "MiB", "-1MiB", "1Mib", "1e3MiB", "0.3B", "99999999999999999GiB"})
  void refusesSizesWithoutUnitOrSense(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
  }

  @Test
  void readsRatesAndDurations() {
    assertThat(Bitrate.parse("600kbit/s").bytesPerSecond()).isEqualTo(75_000);
    assertThat(Bitrate.parse("2Gbit/s")).hasToString("2Gbit/s");
    assertThat(Quantity.parseDuration("250ms")).isEqualTo(Duration.ofMillis(250));
    assertThat(Quantity.parseDuration("7d")).isEqualTo(Duration.ofDays(7));
    assertThat(Quantity.format(Duration.ofMinutes(90))).isEqualTo("90m");
  }

  @ParameterizedTest
  @CsvSource({
    "81.2.69.0/24,81.2.69.160,true",
    "81.2.69.0/24,81.2.70.1,false",
    "216.160.83.56/29,216.160.83.63,true",
    "216.160.83.56/29,216.160.83.64,false",
    "0.0.0.0/0,1.2.3.4,true",
    "0.0.0.0/0,::1,false",
    "2001:db8::/33,2001:db8:7fff::1,true",
    "2001:db8::/33,2001:db8:8000::1,false",
    "127.0.0.1,127.0.0.1,true"
  })
  void networksContainTheirAddresses(String network, String address, boolean inside) {
    assertThat(Cidr.parse(network).contains(InetAddress.ofLiteral(address))).isEqualTo(inside);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/8",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "example.com/8",
        "10.0.0.0/x",
        "10/8",
        "10.0/16",
        "999",
        "0x7f.1",
        "010.0.0.0/8",
        "fe80::1%1",
        "[::1]/64"
      })
  void refusesWhatIsNoNetwork(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text));
  }

  @Test
  void readsAddressesWithPorts() {
    assertThat(HostPort.parse("[::1]:53"))
        .isEqualTo(new HostPort("::1", 53))
        .hasToString("[::1]:53");
    assertThat(HostPort.parse("a.example:80").port()).isEqualTo(80);
    for (String text : new String[] {"", "a", ":1", "a:", "a:b", "::1:53", "a:65536", "[]:1"}) {
      assertThatIllegalArgumentException().as(text).isThrownBy(() -> HostPort.parse(text));
    }
  }

  @Test
  void guessesTheNameSomebodyMeant() {
    java.util.List<String> known = java.util.List.of("port", "bind", "idleTimeout");
    assertThat(Names.nearest("prot", known)).isEqualTo("port");
    assertThat(Names.nearest("idletimeout", known)).isEqualTo("idleTimeout");
    assertThat(Names.nearest("colour", known)).isNull();
    assertThat(Names.environment("http.maxHeaderBytes")).isEqualTo("SLUICE_HTTP_MAX_HEADER_BYTES");
  }
}
