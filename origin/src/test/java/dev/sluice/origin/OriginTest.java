package dev.sluice.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.Role;
import dev.sluice.media.live.LiveMeters;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.ingest.RecordingConfig;
import dev.sluice.origin.metrics.OriginMeters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class OriginTest {
  private static final String CLIP =
      Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv").toString();
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir Path directory;
  private final InProcessRegistry registry = new InProcessRegistry(InstantSource.system());
  private final HttpClient client = HttpClient.newHttpClient();
  private EventLoops loops;
  private NodeServer origin;

  @BeforeEach
  void start() throws Exception {
    loops = EventLoops.create(2);
    OriginConfig config =
        OriginConfig.local("origin-1", "127.0.0.1", directory, "secret")
            .recording(RecordingConfig.all());
    origin = Origin.server(config, loops, List.of(registry::report));
    origin.start();
  }

  @AfterEach
  void stop() {
    client.close();
    origin.close();
    loops.close();
  }

  private String get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(origin.httpUrl() + path)).build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(path).isEqualTo(200);
    return response.body();
  }

  private String getOrNothing(String path) {
    try {
      return get(path);
    } catch (Exception e) {
      return "";
    }
  }

  private Process publish(String name, String... options) throws IOException {
    List<String> command = new ArrayList<>(List.of(Tool.require("ffmpeg"), "-v", "error", "-re"));
    command.addAll(List.of("-i", CLIP, "-c", "copy"));
    command.addAll(List.of(options));
    command.addAll(List.of("-f", "flv", origin.rtmpUrl() + "/live/" + name));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  private List<Path> recordings() throws IOException {
    Path found = directory.resolve("recordings");
    if (!Files.isDirectory(found)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(found)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void takesAStreamInPlaysItRecordsItAndTellsTheFleet() throws Exception {
    Process encoder = publish("demo?key=secret", "-t", "6");
    Await.until(SOON, "the stream", () -> getOrNothing("/api/streams").contains("\"live/demo\""));
    Await.until(
        SOON,
        "the fleet knows",
        () -> registry.view().nodes().stream().anyMatch(n -> n.streams().contains("live/demo")));
    FleetNode node = registry.view().nodes().getFirst();
    assertThat(node.info().role()).isEqualTo(Role.ORIGIN);
    assertThat(node.state()).isEqualTo(NodeState.UP);
    assertThat(node.info().urls().http()).isEqualTo(origin.httpUrl());

    String played =
        run(
            Tool.require("ffmpeg"),
            "-v",
            "error",
            "-i",
            origin.httpUrl() + "/live/demo.flv",
            "-t",
            "2",
            "-f",
            "null",
            "-");
    assertThat(played).isEmpty();
    assertThat(encoder.waitFor()).isZero();
    Await.until(
        SOON,
        "the recording is published",
        () -> origin.meters().scrape().contains("recordings_ended_total{result=\"published\"} 1"));
    Path recording = recordings().getFirst();
    String duration =
        run(
            Tool.require("ffprobe"),
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
            recording.toString());
    assertThat(Double.parseDouble(duration)).isBetween(5.0, 6.5);
    String path = "/vod/" + directory.relativize(recording);
    assertThat(
            run(
                Tool.require("ffmpeg"),
                "-v",
                "error",
                "-ss",
                "2",
                "-i",
                origin.httpUrl() + path,
                "-f",
                "null",
                "-"))
        .isEmpty();
  }

  @Test
  void refusesPublishersWithoutTheRightKey() throws Exception {
    for (String name : List.of("demo", "demo?key=wrong")) {
      Process encoder = publish(name, "-t", "2");
      assertThat(encoder.waitFor()).as(name).isNotZero();
    }
    assertThat(get("/api/streams")).isEqualTo("[]");
    assertThat(recordings()).isEmpty();
    assertThat(origin.meters().scrape())
        .contains("sluice_rtmp_publish_refused_total{reason=\"key_missing\"} 1")
        .contains("sluice_rtmp_publish_refused_total{reason=\"key_wrong\"} 1");
  }

  @Test
  void publishesARecordingEvenWhenItIsStoppedDuringTheStream() throws Exception {
    Process encoder = publish("demo?key=secret");
    try {
      Await.until(
          SOON,
          "two seconds of media",
          () -> origin.hub().streams().stream().anyMatch(s -> s.mediaTimeMs() > 2000));
      origin.close();
    } finally {
      encoder.destroy();
      encoder.waitFor();
    }
    assertThat(recordings()).hasSize(1);
    assertThat(
            run(
                Tool.require("ffmpeg"),
                "-v",
                "error",
                "-i",
                recordings().getFirst().toString(),
                "-f",
                "null",
                "-"))
        .isEmpty();
    assertThat(directory.resolve(".sluice/work")).isEmptyDirectory();
  }

  @Test
  void answersWhatOperatorsAsk() throws Exception {
    assertThat(get("/healthz")).isEqualTo("ok\n");
    assertThat(get("/readyz")).isEqualTo("ready\n");
    assertThat(get("/api/node")).contains("\"id\":\"origin-1\"", "\"role\":\"origin\"");
    String scrape = get("/metrics");
    assertThat(scrape).contains(LiveMeters.STREAMS.meterName());
    for (OriginMeters meter : OriginMeters.values()) {
      assertThat(scrape).contains("# HELP " + meter.meterName() + " " + meter.help());
    }
    origin.drain(Duration.ZERO);
    Await.until(
        SOON,
        "the fleet knows that it drains",
        () -> registry.view().nodes().getFirst().state() == NodeState.DRAINING);
  }

  @Test
  void refusesToStartOnAPortInUseAndLeavesTheDirectoryFree() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    OriginConfig config = OriginConfig.local("origin-2", "127.0.0.1", other, "secret");
    String yaml =
        "id: origin-2\nhttp:\n  bind: 127.0.0.1\n  port: %d\nfiles:\n  directory: %s\n"
            .formatted(origin.httpAddress().getPort(), other);
    OriginConfig taken = ConfigLoader.load(OriginConfig.class, yaml, "origin.yaml", Map.of());
    assertThat(taken.recording()).isEqualTo(RecordingConfig.off());
    assertThat(taken.files().limits()).isEqualTo(config.files().limits());
    NodeServer refused = Origin.server(taken, loops, List.of());
    assertThatThrownBy(refused::start).hasMessageContaining("is in use");
    NodeServer works = Origin.server(config, loops, List.of());
    works.start();
    works.close();
  }
}
