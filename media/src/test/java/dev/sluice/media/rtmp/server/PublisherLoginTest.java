package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.access.PublishAttempt;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.rtmp.PublisherLogin;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 7, number 15: user and password in the URL, with a real ffmpeg. */
class PublisherLoginTest {
  private static final String KEY = "pass-W0rd";

  @TempDir private Path directory;
  private LiveServer server;
  private @Nullable Process ffmpeg;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start(new KeyOnly());
  }

  @AfterEach
  void stop() throws Exception {
    if (ffmpeg != null) {
      ffmpeg.destroyForcibly().waitFor();
    }
    server.close();
  }

  @Test
  void userAndPasswordInTheUrlOfFfmpegAreTheKeyOfALiveStream() throws Exception {
    publish("rtmp://camera:" + KEY + "@127.0.0.1:" + server.rtmpPort() + "/login/demo");
    Await.until(
        Duration.ofSeconds(40), "published", () -> server.has("live/demo") || !ffmpeg.isAlive());
    assertThat(server.has("live/demo")).as(log()).isTrue();
  }

  @Test
  void aWrongPasswordIsToldSo() throws Exception {
    publish("rtmp://camera:wrong@127.0.0.1:" + server.rtmpPort() + "/login/demo");
    assertThat(ffmpeg.waitFor(90, TimeUnit.SECONDS)).isTrue();
    assertThat(ffmpeg.exitValue()).isNotZero();
    assertThat(log()).contains("Incorrect username/password");
    assertThat(server.has("live/demo")).isFalse();
  }

  @Test
  void withoutOneTheEncoderIsToldThatItIsWanted() throws Exception {
    publish("rtmp://127.0.0.1:" + server.rtmpPort() + "/login/demo");
    assertThat(ffmpeg.waitFor(90, TimeUnit.SECONDS)).isTrue();
    assertThat(log()).contains("No credentials set");
  }

  @Test
  void otherAppsAndKeysInTheAddressAreNotAsked() throws Exception {
    TestPublisher.start(server, "live/a?key=" + KEY).frames(1, 500);
    TestPublisher.start(server, "login/key=" + KEY + "/b").frames(1, 500);
    assertThat(server.has("live/b")).isTrue();
  }

  @Test
  void aGuesserIsAnsweredLaterEachTimeAndTheRightKeyAtOnce() throws Exception {
    for (int i = 0; i < RefusalPace.FREE + 2; i++) {
      long from = System.nanoTime();
      TestPublisher guess = TestPublisher.connect(server, "live/a?key=" + i);
      Await.until(Duration.ofSeconds(30), "refused", () -> guess.end() != null);
      if (i >= RefusalPace.FREE) {
        assertThat(System.nanoTime() - from).isGreaterThanOrEqualTo(100_000_000L);
      }
    }
    TestPublisher.start(server, "live/a?key=" + KEY).frames(1, 500);
  }

  private void publish(String url) throws Exception {
    List<String> command =
        List.of(
            Tool.require("ffmpeg"),
            "-nostdin",
            "-re",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440",
            "-c:a",
            "aac",
            "-f",
            "flv",
            url);
    ffmpeg =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
  }

  private String log() throws Exception {
    return Files.readString(directory.resolve("log"));
  }

  /** One key for everything; asks for it in the app {@code login}. */
  private static final class KeyOnly implements PublishAuthorizer {
    private final PublisherLogin login =
        new PublisherLogin(Set.of("login"), test -> test.test(KEY) ? KEY : null);

    @Override
    public PublisherLogin login() {
      return login;
    }

    @Override
    public CompletionStage<Verdict> authorize(PublishAttempt attempt) {
      return CompletableFuture.completedFuture(
          KEY.equals(attempt.params().get("key"))
              ? new Verdict.Allowed("key")
              : new Verdict.Denied(PublishRefused.Reason.KEY_WRONG, "wrong key"));
    }
  }
}
