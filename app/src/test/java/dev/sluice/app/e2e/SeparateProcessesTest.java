package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoPublisher;
import dev.sluice.app.demo.LoopedClip;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Five servers, five processes, heartbeats over HTTP: the example files on free ports. */
class SeparateProcessesTest {
  @TempDir private Path directory;
  private final List<ServerProcess> servers = new ArrayList<>();
  private final Web web = new Web();

  @AfterEach
  void stop() {
    servers.forEach(ServerProcess::close);
    web.close();
  }

  private ServerProcess start(String role, String id, String... replacements) throws Exception {
    ServerProcess server = ServerProcess.example(role, id, directory, replacements);
    servers.add(server);
    return server;
  }

  @Test
  void aStreamGoesFromThePublisherThroughTheBalancerToAViewer() throws Exception {
    ServerProcess balancer = start("balancer", "balancer");
    String balancerAt = balancer.at("http");
    ServerProcess origin = start("origin", "origin-1", "127.0.0.1:8080", balancerAt);
    for (String id : List.of("eu-1", "eu-2", "us-1")) {
      start(
          "edge",
          id,
          "127.0.0.1:8080",
          balancerAt,
          "127.0.0.1:8081",
          origin.at("http"),
          "127.0.0.1:1940",
          origin.at("rtmp"));
    }
    String url = "http://" + balancerAt + "/live/demo.flv";
    ServerProcess american = servers.getLast();

    EventLoops loops = EventLoops.create(1);
    try (LoopedClip clip = LoopedClip.bundled()) {
      RtmpUrl target =
          RtmpUrl.parse("rtmp://" + origin.at("rtmp") + "/live/demo?key=" + ServerProcess.KEY);
      DemoPublisher publisher = new DemoPublisher(loops, target, clip);
      publisher.start();
      Await.until(
          Duration.ofSeconds(30),
          "the balancer sends Americans to us-1 and Londoners to Europe",
          () ->
              sentTo(url, Web.AMERICA).contains(american.at("http"))
                  && !sentTo(url, Web.LONDON).isEmpty());
      byte[] start = web.firstBytes(sentTo(url, Web.AMERICA), 100_000);
      assertThat(new String(start, 0, 3, StandardCharsets.US_ASCII)).isEqualTo("FLV");
      assertThat(start).hasSize(100_000);
      publisher.close();
    } finally {
      loops.close();
    }
    for (ServerProcess server : servers.reversed()) {
      assertThat(server.stop()).isZero();
    }
  }

  private String sentTo(String url, String from) {
    try {
      return web.sentTo(url, from);
    } catch (Exception e) {
      return "";
    }
  }
}
