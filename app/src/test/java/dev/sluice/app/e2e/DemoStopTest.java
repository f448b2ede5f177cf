package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever stops the demo while it starts finds nothing of it left. */
class DemoStopTest {
  @TempDir private Path directory;

  @Test
  void aSignalDuringTheStartLeavesNoFilesBehind() throws Exception {
    Process demo =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("sluice.root", "..")).resolve("jvm.flags"),
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.sluice.app.Main",
                "demo",
                "--port-base",
                "0")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      Await.until(Duration.ofSeconds(60), "the demo's files", () -> !files().isEmpty());
      demo.destroy(); // SIGTERM; it does not serve yet
      assertThat(demo.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(files()).isEmpty();
      assertThat(demo.exitValue()).as(Files.readString(directory.resolve("log"))).isZero();
    } finally {
      demo.destroyForcibly();
    }
  }

  private List<Path> files() {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(path -> path.getFileName().toString().startsWith("sluice-demo-")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
