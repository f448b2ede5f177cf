package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.media.live.StreamStats;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.origin.transcode.RungConfig;
import dev.sluice.origin.transcode.TranscodeConfig;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One stream is published, and the origin has another rendition of it made by a real ffmpeg. */
@ExtendWith(LeakCheck.class)
class LadderTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Pattern PID = Pattern.compile("\"pid\":(\\d+)");

  @TempDir private Path directory;
  private final EventLoops loops = EventLoops.create(2);
  private final Web web = new Web();
  private NodeServer origin;
  private NodeServer edge;

  @BeforeEach
  void start() throws Exception {
    TranscodeConfig made =
        new TranscodeConfig(
            List.of("*"),
            Map.of("_90", new RungConfig(90, Bitrate.parse("100kbit/s"))),
            2,
            1,
            0,
            "ffmpeg");
    OriginConfig config =
        OriginConfig.local("o-1", "127.0.0.1", directory.resolve("origin"), "demo")
            .renditions(List.of("_90"), made);
    origin = Origin.server(config, loops, List.of());
    origin.start();
    EdgeConfig at =
        EdgeConfig.local(
            "e-1",
            "eu",
            "127.0.0.1",
            directory.resolve("edge"),
            origin.httpUrl(),
            new HostPort("127.0.0.1", origin.rtmpAddress().getPort()));
    edge = Edge.server(at, loops, List.of());
    edge.start();
  }

  @AfterEach
  void stop() {
    web.close();
    edge.close();
    origin.close();
    loops.close();
  }

  private String renditionOf(String name) {
    StreamStats stats = origin.hub().stream(new StreamKey("live", name));
    return stats == null ? "" : stats.renditionOf();
  }

  private void awaitTogether() {
    Await.until(LIMIT, "both together", () -> renditionOf("a_90").equals("live/a"));
  }

  private long pid() {
    try {
      HttpResponse<byte[]> node = web.get(origin.httpUrl() + "/api/node", "");
      Matcher found = PID.matcher(new String(node.body(), StandardCharsets.UTF_8));
      return found.find() ? Long.parseLong(found.group(1)) : 0;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRenditionIsMadeListedPlayedAndComesBackWhenItsProcessDies() throws Exception {
    ProcessHandle last;
    try (var publisher =
        Ffmpeg.publish(Ffmpeg.VIDEO_AND_AUDIO, origin.rtmpUrl() + "/live/a?key=demo")) {
      awaitTogether();
      HttpResponse<byte[]> answer = web.get(edge.httpUrl() + "/live/a.m3u8", "");
      String list = new String(answer.body(), StandardCharsets.US_ASCII);
      assertThat(list.lines().filter(line -> !line.startsWith("#")))
          .as(list + publisher.output())
          .containsExactly("a/index.m3u8", "a_90/index.m3u8");
      assertThat(list).contains("RESOLUTION=320x180").contains("RESOLUTION=160x90");
      for (String name : List.of("a", "a_90")) {
        assertThat(Ffmpeg.probe(edge.httpUrl() + "/live/" + name + "/index.m3u8", LIMIT))
            .as(name)
            .contains("codec_name=h264", "codec_name=aac", name.equals("a") ? "180" : "90");
      }

      long first = pid();
      ProcessHandle process = ProcessHandle.of(first).orElseThrow();
      assertThat(process.destroyForcibly()).isTrue();
      Await.until(LIMIT, "another process", () -> pid() != 0 && pid() != first);
      awaitTogether();
      last = ProcessHandle.of(pid()).orElseThrow();
    }
    Await.until(LIMIT, "it ends with the stream", () -> !last.isAlive());
  }
}
