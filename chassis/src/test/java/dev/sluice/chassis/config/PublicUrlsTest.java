package dev.sluice.chassis.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublicUrlsTest {
  private static final InetSocketAddress HTTP = at("192.0.2.1", 8080);
  private static final InetSocketAddress HTTPS = at("192.0.2.1", 8443);
  private static final InetSocketAddress RTMP = at("192.0.2.1", 1935);
  private static final InetSocketAddress RTMPS = at("192.0.2.1", 1936);

  @Test
  void aUrlForEachListenerThatRuns() {
    assertThat(PublicUrls.of(PublicConfig.DERIVED, HTTP, HTTPS, RTMP, RTMPS))
        .isEqualTo(
            new PublicUrls(
                "http://192.0.2.1:8080",
                "https://192.0.2.1:8443",
                "rtmp://192.0.2.1:1935",
                "rtmps://192.0.2.1:1936",
                List.of("192.0.2.1")));
    assertThat(PublicUrls.of(PublicConfig.DERIVED, at("2001:db8::1", 80), null, null, null))
        .isEqualTo(
            new PublicUrls(
                "http://[2001:db8:0:0:0:0:0:1]:80", "", "", "", List.of("2001:db8:0:0:0:0:0:1")));
  }

  @Test
  void whatIsToldComesFirstAndNamesTheHostOfTheOthers() {
    PublicConfig told = told("http://eu-1.example.net", null, "rtmp://live.example.net", null);
    PublicUrls urls = PublicUrls.of(told, HTTP, HTTPS, RTMP, RTMPS);
    assertThat(urls.http()).isEqualTo("http://eu-1.example.net");
    assertThat(urls.https()).isEqualTo("https://eu-1.example.net:8443");
    assertThat(urls.rtmp()).isEqualTo("rtmp://live.example.net");
    assertThat(urls.rtmps()).isEqualTo("rtmps://live.example.net:1936");
    assertThat(urls.addresses()).containsExactly("192.0.2.1");

    PublicUrls fromOne =
        PublicUrls.of(told(null, "https://eu-1.example.net", null, null), HTTP, null, RTMP, null);
    assertThat(fromOne.http()).isEqualTo("http://eu-1.example.net:8080");
    assertThat(fromOne.https()).isEqualTo("https://eu-1.example.net");
    assertThat(fromOne.rtmp()).isEqualTo("rtmp://eu-1.example.net:1935");
    assertThat(fromOne.rtmps()).isEmpty();
  }

  @Test
  void aListenerBehindAProxyOfTheSameMachineIsNotTold() {
    PublicUrls urls =
        PublicUrls.of(
            told(null, "https://eu-1.example.net", null, null),
            at("127.0.0.1", 8080),
            null,
            RTMP,
            null);
    assertThat(urls.http()).isEmpty();
    assertThat(urls.https()).isEqualTo("https://eu-1.example.net");
  }

  @Test
  void aUrlOfAnotherSchemeThanItsOwnIsRefused() {
    assertThatThrownBy(() -> told("https://eu-1", null, null, null))
        .hasMessageContaining("http: https://eu-1 (expected: http://...");
    assertThatThrownBy(() -> told(null, "http://eu-1", null, null)).hasMessageContaining("https:");
    assertThatThrownBy(() -> told(null, null, "rtmps://eu-1", null)).hasMessageContaining("rtmp:");
    assertThatThrownBy(() -> told(null, null, null, "rtmp://eu-1")).hasMessageContaining("rtmps:");
  }

  private static PublicConfig told(String http, String https, String rtmp, String rtmps) {
    return new PublicConfig(
        http == null ? null : HttpRoot.parse(http),
        https == null ? null : HttpRoot.parse(https),
        rtmp == null ? null : RtmpRoot.parse(rtmp),
        rtmps == null ? null : RtmpRoot.parse(rtmps),
        List.of(),
        0);
  }

  private static InetSocketAddress at(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }
}
