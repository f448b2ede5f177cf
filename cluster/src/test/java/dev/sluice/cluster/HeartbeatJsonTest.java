package dev.sluice.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeartbeatJsonTest {
  private static final NodeUrls URLS =
      new NodeUrls("http://e:80", "https://e", "rtmp://e", "rtmps://e:1936");
  private static final DrainOrder DRAIN =
      new DrainOrder(true, "new disks", "balancer-1", 1_700_000_000_000L, 0, 0);
  private static final Heartbeat BEAT =
      new Heartbeat(
          new NodeInfo("eu-1", Role.EDGE, "eu", "t", 1, URLS, List.of("192.0.2.1"), 1, 1),
          1,
          NodeState.UP,
          NodeLoad.idle(0),
          List.of("live/demo"),
          Optional.of(DRAIN));

  @Test
  void whatIsNoHeartbeatIsMalformedAndNothingElse() {
    List<String> bodies =
        new ArrayList<>(
            List.of(
                "null",
                "true",
                "7",
                "1e999",
                "\"x\"",
                "[]",
                "[null]",
                "{",
                "{}",
                "\0",
                "NaN",
                "{\"node\":[]}",
                "{\"node\":7}",
                "{\"node\":{\"id\":null}}"));
    bodies.add("[".repeat(100_000));
    bodies.add("{\"node\":".repeat(100_000));
    bodies.add("{\"x\":\"" + "y".repeat(1_000_000) + "\"}");
    bodies.add("{\"" + "y".repeat(1_000_000) + "\":1}");
    bodies.add("{\"x\":" + "9".repeat(1_000_000) + "}");
    String good = new String(HeartbeatJson.encode(BEAT), UTF_8);
    bodies.add(good.replace("[\"live/demo\"]", "[null]"));
    bodies.add(good.replace("[\"192.0.2.1\"]", "[null]"));
    bodies.add(good.replace("\"sequence\":1", "\"sequence\":99999999999999999999"));
    bodies.add(good.replace("\"reason\":\"new disks\"", "\"reason\":null"));
    bodies.add(good.replace("new disks", "x".repeat(201)));
    for (String number : List.of("1.5", "1.0", "1e0", "\"1\"", "true", "[1]", "\"\"")) {
      for (String field : List.of("epoch", "sequence", "maxSessions", "sampledAtMs", "atMs")) {
        bodies.add(good.replaceFirst("(\"" + field + "\":)\\d+", "$1" + number));
      }
    }
    bodies.add(good.replace("\"role\":\"EDGE\"", "\"role\":1"));
    bodies.add(good.replace("\"id\":\"eu-1\"", "\"id\":7"));
    bodies.add(good.replace("\"region\":\"eu\"", "\"region\":true"));
    for (String body : bodies) {
      assertThat(good).isNotEqualTo(body);
      String shown = body.length() > 80 ? body.substring(0, 80) : body;
      assertThatThrownBy(() -> HeartbeatJson.decode(body.getBytes(UTF_8)))
          .as(shown)
          .isInstanceOf(HeartbeatException.class)
          .hasMessageStartingWith("heartbeat: ")
          .message()
          .hasSizeLessThan(300)
          .doesNotContain("\n");
    }
  }

  @Test
  void damagedHeartbeatsAreTakenOrMalformedAndNothingElse() {
    Random random = new Random(36);
    byte[] good = HeartbeatJson.encode(BEAT);
    int malformed = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = good.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(HeartbeatJson.decode(bytes)).isNotNull();
      } catch (HeartbeatException e) {
        malformed++;
      }
    }
    assertThat(malformed).isPositive();
  }

  @Test
  void aNodeThatKnowsOfNoDrainAndOneThatSaysMoreAreUnderstood() {
    String good = new String(HeartbeatJson.encode(BEAT), UTF_8);
    assertThat(HeartbeatJson.decode(good.getBytes(UTF_8)).drain()).contains(DRAIN);
    String more = good.replaceFirst("\\{", "{\"mood\":{\"deep\":[1]},");
    assertThat(HeartbeatJson.decode(more.getBytes(UTF_8))).isEqualTo(BEAT);
    String none = good.replaceFirst(",\"drain\":\\{[^}]*}", "");
    assertThat(none).doesNotContain("drain");
    assertThat(HeartbeatJson.decode(none.getBytes(UTF_8)).drain()).isEmpty();
    String empty = good.replaceFirst("\"drain\":\\{[^}]*}", "\"drain\":null");
    assertThat(HeartbeatJson.decode(empty.getBytes(UTF_8)).drain()).isEmpty();
  }

  @Test
  void detailsOfStreamsAreToldAndMayBeMissingForAnOlderNode() {
    StreamReport demo = new StreamReport("live/demo", 2_000_000, "avc1.64001f", 1280, 720);
    Heartbeat told =
        new Heartbeat(
            BEAT.node(), 1, NodeState.UP, BEAT.load(), BEAT.streams(), BEAT.drain(), List.of(demo));
    String json = new String(HeartbeatJson.encode(told), UTF_8);
    assertThat(HeartbeatJson.decode(json.getBytes(UTF_8))).isEqualTo(told);
    String older = json.replaceFirst(",\"details\":\\[[^]]*]", "");
    assertThat(older).doesNotContain("details");
    assertThat(HeartbeatJson.decode(older.getBytes(UTF_8))).isEqualTo(BEAT);
    String terse = json.replace(",\"codecs\":\"avc1.64001f\",\"width\":1280,\"height\":720", "");
    assertThat(HeartbeatJson.decode(terse.getBytes(UTF_8)).details())
        .containsExactly(new StreamReport("live/demo", 2_000_000, "", 0, 0));
    for (String bad : List.of("[null]", "[7]", "[{}]", "{}", "[{\"stream\":null}]")) {
      String broken = json.replaceFirst("\"details\":\\[[^]]*]", "\"details\":" + bad);
      assertThatThrownBy(() -> HeartbeatJson.decode(broken.getBytes(UTF_8)))
          .as(bad)
          .isInstanceOf(HeartbeatException.class);
    }
  }

  @Test
  void answersSurviveJsonAndMayBeEmptyOrSayMore() {
    HeartbeatAnswer answer = HeartbeatAnswer.taken(Optional.of(DRAIN));
    assertThat(HeartbeatJson.decodeAnswer(HeartbeatJson.encode(answer))).isEqualTo(answer);
    assertThat(HeartbeatJson.decodeAnswer(new byte[0])).isEqualTo(HeartbeatAnswer.TAKEN);
    assertThat(HeartbeatJson.decodeAnswer("{\"later\":[]}".getBytes(UTF_8)))
        .isEqualTo(HeartbeatAnswer.TAKEN);
    assertThatThrownBy(() -> HeartbeatJson.decodeAnswer("null".getBytes(UTF_8)))
        .isInstanceOf(HeartbeatException.class);
  }

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
