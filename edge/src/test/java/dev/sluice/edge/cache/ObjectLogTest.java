package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectLogTest {
  @TempDir Path dir;

  private static CachedObject object(int n, long freshUntilMs) {
    return CachedObject.of(
        "/vod/" + n,
        n % 2 == 0 ? "\"e" + n + "\"" : null,
        null,
        n,
        "video/x-flv",
        null,
        new Freshness.Lifetime(true, 1, freshUntilMs, 3));
  }

  @Test
  void theNewestEntryOfAPathCounts() throws IOException {
    try (ObjectLog log = ObjectLog.open(dir, 10).log()) {
      log.append(object(1, 10));
      log.append(object(2, 10));
      log.append(object(1, 20));
    }
    ObjectLog.Opened opened = ObjectLog.open(dir, 10);
    opened.log().close();
    assertThat(opened.objects()).containsExactly(object(2, 10), object(1, 20));
    assertThat(List.copyOf(ObjectLog.open(dir, 1).objects())).containsExactly(object(1, 20));
  }

  @Test
  void whatACrashCutOffIsLostAndNothingElse() throws IOException {
    try (ObjectLog log = ObjectLog.open(dir, 10).log()) {
      log.append(object(1, 10));
      log.append(object(3, 10));
    }
    Path file = dir.resolve("objects.log");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      ObjectLog.Opened opened = ObjectLog.open(dir, 10);
      opened.log().close();
      assertThat(opened.objects().size()).isEqualTo(length < whole.length / 2 ? 0 : 1);
    }
  }
}
