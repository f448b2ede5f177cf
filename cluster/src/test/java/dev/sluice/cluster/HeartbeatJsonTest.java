package dev.sluice.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeartbeatJsonTest {
  private static final NodeUrls URLS =
      new NodeUrls("http://e:80", "https://e", "rtmp://e", "rtmps://e:1936");

  @Test
  void aNodeSaysOneUrlPerScheme() {
    NodeInfo node = new NodeInfo("eu-1", Role.EDGE, "eu", "t", 1, URLS, List.of("192.0.2.1"), 1, 1);
    Heartbeat beat = new Heartbeat(node, 1, NodeState.UP, NodeLoad.idle(0), List.of("live/a"));

    byte[] json = HeartbeatJson.encode(beat);

    assertThat(new String(json, UTF_8))
        .contains("\"httpUrl\":\"http://e:80\"", "\"httpsUrl\":\"https://e\"")
        .contains("\"rtmpUrl\":\"rtmp://e\"", "\"rtmpsUrl\":\"rtmps://e:1936\"");
    assertThat(HeartbeatJson.decode(json)).isEqualTo(beat);
  }

  @Test
  void aNodeThatLeavesUrlsOutHasNone() {
    Heartbeat beat = HeartbeatJson.decode(json("\"httpUrl\":\"http://e\",\"rtmpUrl\":\"\","));

    assertThat(beat.node().urls()).isEqualTo(NodeUrls.http("http://e"));
    assertThat(HeartbeatJson.decode(json("")).node().urls()).isEqualTo(NodeUrls.http(""));
  }

  @Test
  void whatLacksMoreIsNoHeartbeat() {
    assertThatThrownBy(() -> HeartbeatJson.decode("{\"node\":{}}".getBytes(UTF_8)))
        .isInstanceOf(HeartbeatException.class);
  }

  private static byte[] json(String urls) {
    return """
        {"node":{"id":"eu-1","role":"EDGE","region":"eu","version":"1","epoch":1,%s
         "addresses":[],"egressCapacityBitsPerSecond":1,"maxSessions":1},
         "sequence":1,"state":"UP","streams":[],
         "load":{"sampledAtMs":0,"egressBitsPerSecond":0,"sessions":0,"cpu":0}}"""
        .formatted(urls)
        .getBytes(UTF_8);
  }
}
