package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.config.Secret;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(args);
  }

  @Test
  void aTokenMadeWithTheOriginsConfigurationIsGoodAtTheOrigin() throws Exception {
    Path file = directory.resolve("origin.yaml");
    Files.writeString(file, "id: o\nfiles: {directory: d}\npublishSecrets: [s3]\n");
    assertThat(run("token", "publish", "live/demo", "--config", file.toString(), "--ttl", "1h"))
        .as(err.toString())
        .isZero();
    PublishTokens origin = new PublishTokens(List.of(Secret.of("s3")));
    Instant now = Instant.now();
    String token = out.toString().strip();
    assertThat(origin.verify("live/demo", token, now.plusSeconds(3000)))
        .isEqualTo(new PublishTokens.Verdict.Valid("live/demo"));
    assertThat(origin.verify("live/demo", token, now.plusSeconds(3700)))
        .isInstanceOf(PublishTokens.Verdict.Expired.class);
    assertThat(err.toString()).contains("good for live/demo until");
  }

  @Test
  void withoutASecretItSaysWhatIsMissing() throws Exception {
    Path file = directory.resolve("origin.yaml");
    Files.writeString(file, "id: o\nfiles: {directory: d}\n");
    assertThat(run("token", "publish", "live/demo", "--config", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("publishSecrets is empty");
    assertThat(run("token", "publish", "live/demo")).isEqualTo(2);
    assertThat(run("token", "publish", "live/demo", "--secret", "")).isEqualTo(2);
  }
}
