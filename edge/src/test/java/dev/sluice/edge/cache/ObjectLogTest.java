package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ObjectLogTest {
  @TempDir Path dir;

  private final Counter errors = new SimpleMeterRegistry().counter("errors");
  private final AtomicLong nanos = new AtomicLong();

  private static CachedObject object(int n, long freshUntilMs) {
    return CachedObject.of(
        "/vod/" + n,
        new FileHead(
            n % 2 == 0 ? "\"e" + n + "\"" : null,
            null,
            n,
            "video/x-flv",
            null,
            n % 3 == 0 ? "0" : null),
        new Freshness.Lifetime(true, 1, freshUntilMs, 2, 3),
        n);
  }

  @Test
  void theNewestEntryOfAPathCounts() throws IOException {
    try (ObjectLog log = open(10).log()) {
      log.append(object(1, 10));
      log.append(object(2, 10));
      log.append(object(1, 20));
    }
    ObjectLog.Opened opened = open(10);
    opened.log().close();
    assertThat(opened.objects()).containsExactly(object(2, 10), object(1, 20));
    assertThat(List.copyOf(open(1).objects())).containsExactly(object(1, 20));
  }

  @Test
  void whatACrashCutOffIsLostAndNothingElse() throws IOException {
    try (ObjectLog log = open(10).log()) {
      log.append(object(1, 10));
      log.append(object(3, 10));
    }
    Path file = dir.resolve("objects.log");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      ObjectLog.Opened opened = open(10);
      opened.log().close();
      assertThat(opened.objects().size()).isEqualTo(length < whole.length / 2 ? 0 : 1);
    }
  }

  private ObjectLog.Opened open(int max) throws IOException {
    return ObjectLog.open(dir, max, errors, nanos::get);
  }

  /** /dev/full takes no byte. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aLogOnAFullDiskRestsAndIsThenWrittenAnew() throws IOException {
    Files.createSymbolicLink(dir.resolve("objects.log.new"), Path.of("/dev/full"));
    try (ObjectLog log = open(10).log()) {
      log.append(object(1, 10));
      assertThat(errors.count()).isEqualTo(1);
      assertThat(log.outdated()).isFalse();
      log.append(object(2, 10));
      nanos.addAndGet(Duration.ofMinutes(1).toNanos());
      assertThat(log.outdated()).isTrue();
      log.rewrite(List.of(object(1, 10), object(2, 10)));
      log.append(object(3, 10));
      assertThat(log.outdated()).isFalse();
    }
    ObjectLog.Opened opened = open(10);
    opened.log().close();
    assertThat(opened.objects()).containsExactly(object(1, 10), object(2, 10), object(3, 10));
    assertThat(errors.count()).isEqualTo(1);
  }

  /** Its name is taken by a directory that is not empty, so no file can take its place. */
  @Test
  void eachTryThatFailsIsCountedAndTheNextComesLater() throws IOException {
    Path inTheWay = Files.createDirectories(dir.resolve("objects.log").resolve("x"));
    try (ObjectLog log = open(10).log()) {
      assertThat(errors.count()).isEqualTo(1);
      for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
        assertThat(log.restNanos()).isEqualTo(Duration.ofSeconds(seconds).toNanos());
        assertThat(log.outdated()).isFalse();
        nanos.addAndGet(log.restNanos());
        assertThat(log.outdated()).isTrue();
        log.rewrite(List.of(object(1, 10)));
      }
      assertThat(errors.count()).isEqualTo(9);
      assertThat(dir.resolve("objects.log.new")).doesNotExist();
      Files.delete(inTheWay);
      Files.delete(dir.resolve("objects.log"));
      log.rewrite(List.of(object(1, 10)));
      assertThat(log.restNanos()).isEqualTo(-1);
    }
    ObjectLog.Opened opened = open(10);
    opened.log().close();
    assertThat(opened.objects()).containsExactly(object(1, 10));
  }
}
