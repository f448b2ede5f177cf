package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Real encoder, real players. */
@ExtendWith(LeakCheck.class)
class FfmpegLiveTest {
  private static final List<String> PICTURE =
      List.of("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25");
  private static final List<String> TONE = List.of("-f", "lavfi", "-i", "sine=frequency=440");
  private static final List<String> H264 =
      List.of(
          "-c:v",
          "libx264",
          "-preset",
          "ultrafast",
          "-tune",
          "zerolatency",
          "-g",
          "25",
          "-b:v",
          "300k",
          "-pix_fmt",
          "yuv420p");
  private static final List<String> AAC = List.of("-c:a", "aac", "-b:a", "64k");

  @TempDir Path dir;
  private final List<Process> started = new ArrayList<>();
  private LiveServer server;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (Process process : started) {
      process.destroy();
      process.waitFor(90, TimeUnit.SECONDS);
    }
    server.close();
  }

  @Test
  void playsOverRtmpAndHttpFlvWhatFfmpegPublishes() throws Exception {
    publish("live/av", PICTURE, TONE, H264, AAC);
    Process rtmp = read(server.rtmpUrl("live/av"), "rtmp");
    Process flv = read(server.flvUrl("live/av"), "flv");
    assertPlayed(rtmp, "rtmp", 50);
    assertPlayed(flv, "flv", 50);
    StreamStats stats = server.stream("live/av");
    assertThat(stats.videoCodec()).isEqualTo("h264");
    assertThat(stats.audioCodec()).isEqualTo("aac");
    assertThat(stats.codecs()).matches("avc1\\.[0-9a-f]{6},mp4a\\.40\\.2");
    assertThat(stats.width()).isEqualTo(320);
    assertThat(stats.gopMs()).isEqualTo(1000);
    assertThat(stats.framesPerSecond()).isBetween(15.0, 35.0);
  }

  @Test
  void aViewerSeesNothingOfTheMarksByWhichTheOriginCuts() throws Exception {
    AtomicInteger marks = new AtomicInteger();
    server.hub.listen(
        (key, publisher) ->
            new StreamListener.Sink() {
              @Override
              public void tag(FlvTag tag) {
                marks.addAndGet(tag.mark() ? 1 : 0);
              }

              @Override
              public void closed(EndReason reason) {}
            });
    publish("live/av", PICTURE, TONE, H264, AAC);
    Await.until("it is cut", () -> marks.get() > 1);
    int before = marks.get();
    byte[] seen;
    try (InputStream flv = URI.create(server.flvUrl("live/av")).toURL().openStream()) {
      seen = flv.readNBytes(250_000);
    }
    assertThat(marks.get()).as("marks meanwhile").isGreaterThan(before);
    assertThat(new String(seen, StandardCharsets.ISO_8859_1))
        .contains("onMetaData")
        .doesNotContain(FlvTag.MARK_NAME);
  }

  @Test
  void theOrderlyEndOfAStreamIsNoErrorToAPlayer() throws Exception {
    Process publisher = publish("live/end", PICTURE, TONE, H264, AAC);
    Process player =
        run(
            "player",
            List.of(
                Tool.require("ffmpeg"),
                "-nostdin",
                "-xerror",
                "-i",
                server.flvUrl("live/end"),
                "-c",
                "copy",
                "-f",
                "null",
                "-"));
    Await.until(
        Duration.ofSeconds(90),
        "it plays",
        () ->
            server.stream("live/end").viewers().getOrDefault("flv", 0) == 1
                && server.stream("live/end").bytesSent() > 10_000);
    publisher.destroy();
    assertPlayed(player, "player", 1);
    assertThat(log("player")).doesNotContain("prematurely").doesNotContain("Input/output error");
  }

  @Test
  void playsVideoAloneWithAHeaderThatSaysSo() throws Exception {
    publish("live/v", PICTURE, H264, List.of("-an"));
    Process flv = read(server.flvUrl("live/v"), "flv");
    assertPlayed(flv, "flv", 50);
    assertThat(log("flv")).doesNotContain("Audio:");
  }

  @Test
  void playsAudioAloneAtOnce() throws Exception {
    publish("live/a", TONE, AAC, List.of("-vn"));
    Process flv = read(server.flvUrl("live/a"), "flv");
    Process rtmp = read(server.rtmpUrl("live/a"), "rtmp");
    assertPlayed(flv, "flv", 0);
    assertPlayed(rtmp, "rtmp", 0);
    assertThat(log("flv")).doesNotContain("Video:");
  }

  @Test
  void playsPicturesThatAreReordered() throws Exception {
    publish(
        "live/b",
        PICTURE,
        TONE,
        List.of("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "25"),
        AAC);
    Process rtmp = read(server.rtmpUrl("live/b"), "rtmp");
    assertPlayed(rtmp, "rtmp", 50);
  }

  @SafeVarargs
  private Process publish(String key, List<String>... options) throws IOException {
    List<String> command = new ArrayList<>(List.of(Tool.require("ffmpeg"), "-nostdin", "-re"));
    boolean first = true;
    for (List<String> option : options) {
      if (!first && option.contains("lavfi")) {
        command.add("-re");
      }
      command.addAll(option);
      first = false;
    }
    command.addAll(List.of("-t", "30", "-f", "flv", server.rtmpUrl(key)));
    Process publisher = run("publish", command);
    Await.until(
        Duration.ofSeconds(10),
        "stream " + key,
        () -> server.has(key) && server.stream(key).mediaTimeMs() > 1500);
    return publisher;
  }

  /** Reads three seconds of media as fast as they come and decodes them. */
  private Process read(String url, String name) throws IOException {
    return run(
        name,
        List.of(
            Tool.require("ffmpeg"),
            "-nostdin",
            "-xerror",
            "-i",
            url,
            "-t",
            "3",
            "-f",
            "null",
            "-"));
  }

  private Process run(String name, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve(name).toFile())
            .start();
    started.add(process);
    return process;
  }

  private void assertPlayed(Process reader, String name, int atLeastFrames) throws Exception {
    assertThat(reader.waitFor(90, TimeUnit.SECONDS)).as("ended in time: %s", log(name)).isTrue();
    String log = log(name);
    assertThat(reader.exitValue()).as(log).isZero();
    assertThat(log)
        .doesNotContain("error while decoding")
        .doesNotContain("corrupt")
        .doesNotContain("non-existing")
        .doesNotContain("Non-monotonous")
        .doesNotContain("Packet mismatch");
    if (atLeastFrames > 0) {
      int at = log.lastIndexOf("frame=");
      assertThat(at).as(log).isNotNegative();
      String frames = log.substring(at + 6).strip().split("\\s+")[0];
      assertThat(Integer.parseInt(frames)).as(log).isGreaterThanOrEqualTo(atLeastFrames);
    }
  }

  private String log(String name) throws IOException {
    return Files.readString(dir.resolve(name));
  }
}
