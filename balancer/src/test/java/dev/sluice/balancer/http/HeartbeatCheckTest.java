package dev.sluice.balancer.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.cluster.StreamReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatCheckTest {
  private static final String URL = "http://192.0.2.1:8090";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://192.0.2.1",
        "http://eu-1.cdn.example:8443",
        "http://[2001:db8::1]:8090",
        "http://7.cdn.example",
        "http://eu-1.cdn.example.:8080",
        "http://proxy.example/edges/eu-1"
      })
  void takesBaseUrls(String url) {
    assertThatCode(() -> HeartbeatCheck.checked(beat("eu-1", url, List.of("192.0.2.1"), "live/a")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ftp://e1",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://user@e1",
        "http://e1?x",
        "http://e1#x",
        "http://e1/",
        "http://e1/a b",
        "http://e1/\r\nSet-Cookie: a=b",
        "http://e1/%0d%0aSet-Cookie:%20a=b",
        "http://e1/é",
        "http://e1/a'onload='x",
        "http://e1/..;/x",
        "http://e1:0",
        "http://e1:",
        "http://e1:65536",
        "http://0:8080",
        "http://0.0.0.0:8080",
        "http://[::]:8080",
        "http://2130706433:8080",
        "http://0x7f000001:8080",
        "http://a.0x7f",
        "http://0177.0.0.1:8080",
        "http://127.0.0.1.:8080",
        "http://255.255.255.255",
        "http://224.0.0.1",
        "http://[fe80::1]",
        "http://e1:-1",
        "//e1"
      })
  void refusesUrlsThatCouldLeadElsewhere(String url) {
    assertThatThrownBy(() -> HeartbeatCheck.checked(beat("eu-1", url, List.of(), "live/a")))
        .isInstanceOf(HeartbeatException.class)
        .hasMessageContaining("httpUrl");
  }

  @ParameterizedTest
  @CsvSource({
    "https://e1, '', '', '', httpUrl",
    "http://e1, http://e1, '', '', httpsUrl",
    "http://e1, '', rtmps://e1, '', rtmpUrl",
    "http://e1, https://e1, rtmp://e1, rtmp://e1, rtmpsUrl",
    "http://e1, https://e1/?x, '', '', httpsUrl",
    "'', '', rtmp://e1, '', httpUrl"
  })
  void refusesAUrlOfAnotherScheme(
      String http, String https, String rtmp, String rtmps, String named) {
    NodeUrls urls = new NodeUrls(http, https, rtmp, rtmps);
    assertThatThrownBy(() -> HeartbeatCheck.checked(beat("eu-1", urls, List.of(), "live/a")))
        .isInstanceOf(HeartbeatException.class)
        .hasMessageStartingWith(named + ":");
  }

  @Test
  void takesAUrlPerScheme() {
    NodeUrls urls = new NodeUrls("http://e1", "https://e1:8443", "rtmp://e1", "rtmps://e1:1936");
    Heartbeat beat = beat("eu-1", urls, List.of(), "live/a");
    assertThat(HeartbeatCheck.checked(beat).node().urls()).isEqualTo(urls);
    Heartbeat secureOnly =
        beat("eu-1", new NodeUrls("", "https://e1", "", ""), List.of(), "live/a");
    assertThat(HeartbeatCheck.checked(secureOnly).node().urls().https()).isEqualTo("https://e1");
  }

  @Test
  void refusesALongUrlAndDoesNotSendItBack() {
    String url = "http://e1/" + "a".repeat(100_000);
    assertThatThrownBy(() -> HeartbeatCheck.checked(beat("eu-1", url, List.of(), "live/a")))
        .isInstanceOf(HeartbeatException.class)
        .satisfies(e -> assertThatCode(() -> check(e.getMessage())).doesNotThrowAnyException());
  }

  private static void check(String message) {
    if (message.length() > 300) {
      throw new AssertionError("too long: " + message.length());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eu-1.example",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "fe80::1%lo",
        "255.255.255.255",
        "169.254.1.1",
        "1.2.3",
        ""
      })
  void refusesAddressesThatDnsMustNotName(String address) {
    assertThatThrownBy(() -> HeartbeatCheck.checked(beat("eu-1", URL, List.of(address), "live/a")))
        .isInstanceOf(HeartbeatException.class)
        .hasMessageContaining("addresses");
  }

  @Test
  void refusesTooManyAddresses() {
    List<String> many = Collections.nCopies(17, "192.0.2.1");
    assertThatThrownBy(() -> HeartbeatCheck.checked(beat("eu-1", URL, many, "live/a")))
        .hasMessageContaining("at most 16");
  }

  @Test
  void leavesOutStreamsThatCannotBeShownButTakesTheNode() {
    Heartbeat one = beat("eu-1", URL, List.of(), "live/a");
    List<String> streams = new ArrayList<>(Collections.nCopies(10_001, "live/a"));
    streams.addAll(0, List.of("live/<script>", "live/a b", "live/\u0000", "", "x".repeat(258)));
    streams.add(0, "a".repeat(128) + "/" + "b".repeat(128));
    Heartbeat taken =
        HeartbeatCheck.checked(new Heartbeat(one.node(), 1, NodeState.UP, one.load(), streams));
    assertThat(taken.streams()).hasSize(10_000).startsWith(streams.getFirst(), "live/a");
    assertThat(taken.node()).isEqualTo(one.node());
  }

  @Test
  void leavesOutDetailsThatNoPlaylistMaySayButTakesTheNode() {
    Heartbeat one = beat("eu-1", URL, List.of(), "live/a");
    StreamReport good = new StreamReport("live/a", 1, "hvc1.1.6.L93.B0,mp4a.40.2", 7680, 4320);
    List<StreamReport> details = new ArrayList<>(Collections.nCopies(1001, good));
    details.add(0, new StreamReport("live/a\"", 1, "", 0, 0));
    details.add(0, new StreamReport("live/a", -1, "", 0, 0));
    details.add(0, new StreamReport("live/a", Long.MAX_VALUE, "", 0, 0));
    details.add(0, new StreamReport("live/a", 1, "avc1\n", 0, 0));
    details.add(0, new StreamReport("live/a", 1, ",", 0, 0));
    details.add(0, new StreamReport("live/a", 1, "a,b,c,d,e", 0, 0));
    details.add(0, new StreamReport("live/a", 1, "", -1, 0));
    details.add(0, new StreamReport("live/a", 1, "", 0, 65_536));
    Heartbeat taken =
        HeartbeatCheck.checked(
            new Heartbeat(
                one.node(), 1, NodeState.UP, one.load(), one.streams(), one.drain(), details));
    assertThat(taken.details()).hasSize(1000).containsOnly(good);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-a", "a/b", "a b", "<b>", "é"})
  void refusesIdsThatAreNoNames(String id) {
    assertThatThrownBy(() -> HeartbeatCheck.checked(beat(id, URL, List.of(), "live/a")))
        .hasMessageContaining("id");
  }

  private static Heartbeat beat(String id, String url, List<String> addresses, String stream) {
    return beat(id, NodeUrls.http(url), addresses, stream);
  }

  private static Heartbeat beat(String id, NodeUrls urls, List<String> addresses, String stream) {
    NodeInfo info = new NodeInfo(id, Role.EDGE, "eu", "1", 1, urls, addresses, 1, 1);
    return new Heartbeat(info, 1, NodeState.UP, NodeLoad.idle(0), List.of(stream));
  }
}
