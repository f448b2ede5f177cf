package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.Cidr;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientSchemeTest {
  private static final List<Cidr> TRUSTED = List.of(Cidr.parse("10.0.0.0/8"));
  private static final InetAddress PROXY = InetAddress.ofLiteral("10.0.0.1");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "192.0.2.1           | https       | true",
        "192.0.2.1           | http        | false",
        "192.0.2.1           | wss         | true",
        "192.0.2.1           | HTTPS       | true",
        "192.0.2.1, 10.0.0.2 | https, http | true",
        "192.0.2.1, 10.0.0.2 | http, https | false",
        "6.6.6.6, 192.0.2.1  | https, http | false",
        "192.0.2.1, 10.0.0.2 | https       | true",
        "                    | https       | true",
      })
  void aTrustedProxySaysWhatItsClientSpoke(String hops, String schemes, boolean secure) {
    HttpHeaders headers = new DefaultHttpHeaders();
    if (hops != null) {
      headers.set("X-Forwarded-For", hops);
    }
    headers.set("X-Forwarded-Proto", schemes);
    assertThat(ClientAddress.secure(false, PROXY, headers, TRUSTED)).isEqualTo(secure);
    assertThat(ClientAddress.secure(true, PROXY, headers, TRUSTED)).isEqualTo(secure);
  }

  @Test
  void forwardedIsReadAsTheStandardSays() {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set("Forwarded", "for=192.0.2.1;proto=\"https\", for=10.0.0.2;proto=http");
    headers.set("X-Forwarded-Proto", "http");
    assertThat(ClientAddress.secure(false, PROXY, headers, TRUSTED)).isTrue();
  }

  @Test
  void nobodyElseIsBelieved() {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set("X-Forwarded-Proto", "https");
    InetAddress stranger = InetAddress.ofLiteral("192.0.2.7");
    assertThat(ClientAddress.secure(false, stranger, headers, TRUSTED)).isFalse();
    assertThat(ClientAddress.secure(true, stranger, headers, TRUSTED)).isTrue();
    assertThat(ClientAddress.secure(true, PROXY, new DefaultHttpHeaders(), TRUSTED)).isTrue();
  }
}
