package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.StoredFile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetentionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  private static StoredFile file(String path, long size, int daysOld) {
    return new StoredFile(new FilePath(path), size, null, NOW.minus(Duration.ofDays(daysOld)));
  }

  private static StoredFile recording(String stream, long size, int daysOld) {
    return file(
        "recordings/" + stream + "/20260101-0000%02d.flv".formatted(daysOld), size, daysOld);
  }

  private static List<String> gone(Retention retention, StoredFile... stored) {
    return retention.removals(List.of(stored), NOW).stream()
        .map(removal -> removal.file().path().value() + " " + removal.reason().word())
        .toList();
  }

  @Test
  void removesWhatIsOlderThanItsAgeAndNothingYounger() {
    assertThat(
            gone(
                new Retention(Duration.ofDays(7), new ByteSize(0)),
                recording("a", 1, 6),
                recording("b", 1, 7),
                recording("b", 1, 9),
                recording("live2/c", 1, 8)))
        .containsExactly(
            "recordings/b/20260101-000009.flv age", "recordings/live2/c/20260101-000008.flv age");
  }

  @Test
  void removesTheOldestWhileAllAreTooManyBytes() {
    assertThat(
            gone(
                new Retention(Duration.ZERO, new ByteSize(100)),
                recording("a", 50, 1),
                recording("a", 50, 3),
                recording("b", 50, 2),
                recording("b", 50, 4)))
        .containsExactly(
            "recordings/b/20260101-000004.flv size", "recordings/a/20260101-000003.flv size");
  }

  @Test
  void countsWhatAgeRemovedBeforeItLooksAtSize() {
    assertThat(
            gone(
                new Retention(Duration.ofDays(3), new ByteSize(60)),
                recording("a", 50, 1),
                recording("a", 50, 4),
                recording("a", 50, 5)))
        .containsExactly(
            "recordings/a/20260101-000005.flv age", "recordings/a/20260101-000004.flv age");
  }

  @Test
  void leavesAloneWhatTheRecorderDidNotName() {
    assertThat(
            gone(
                new Retention(Duration.ofDays(1), new ByteSize(1)),
                file("recordings/a/holiday.flv", 1000, 400),
                file("recordings/20260101-000000.flv", 1000, 400),
                file("recordings/a/20260101-000000.flv.bak", 1000, 400),
                file("recordings/a/20260101-000000.mp4", 1000, 400),
                file("films/20260101-000000.flv", 1000, 400),
                file("old/recordings/a/20260101-000000.flv", 1000, 400)))
        .isEmpty();
    assertThat(
            gone(
                new Retention(Duration.ofDays(1), new ByteSize(1)),
                file("recordings/a/20260101-000000-2.flv", 1, 2)))
        .hasSize(1);
  }

  @Test
  void keepsEverythingWithoutLimits() {
    assertThat(gone(new Retention(Duration.ZERO, new ByteSize(0)), recording("a", 1L << 50, 3000)))
        .isEmpty();
  }

  @Test
  void whateverIsStoredWhatStaysMeetsTheLimitsAndNothingYoungerGoesBeforeAnOlder() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<StoredFile> stored = new ArrayList<>();
      for (int i = 0; i < random.nextInt(40); i++) {
        stored.add(recording("s" + i, random.nextInt(100), random.nextInt(30)));
      }
      Retention retention =
          new Retention(Duration.ofDays(random.nextInt(20) + 1), new ByteSize(500));
      List<StoredFile> gone =
          retention.removals(stored, NOW).stream().map(Retention.Removal::file).toList();
      List<StoredFile> kept = new ArrayList<>(stored);
      kept.removeAll(gone);
      assertThat(kept.stream().mapToLong(StoredFile::size).sum()).isLessThanOrEqualTo(500);
      for (StoredFile left : kept) {
        assertThat(left.modified()).isAfterOrEqualTo(NOW.minus(retention.keepFor()));
        assertThat(gone).noneMatch(file -> file.modified().isAfter(left.modified()));
      }
    }
  }
}
