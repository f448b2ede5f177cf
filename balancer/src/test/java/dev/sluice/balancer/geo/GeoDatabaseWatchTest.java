package dev.sluice.balancer.geo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeoDatabaseWatchTest {
  private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");

  @TempDir Path dir;
  private final Meters meters = new Meters();
  private final GeoLocator locator =
      new GeoLocator(Map.of("eu", countries("DE"), "us", countries("US"), "zz", countries()), "zz");

  @AfterEach
  void closeMeters() {
    meters.close();
  }

  @Test
  void locatesByTheFileFromTheStartAndFollowsItsChanges() throws Exception {
    Path file = dir.resolve("geo.mmdb");
    Files.write(file, MmdbWriter.flat(1_000, "192.0.2.0/24", "DE"));
    try (GeoDatabaseWatch watch = watch(file)) {
      watch.start();
      assertThat(locator.locate(CLIENT).region()).isEqualTo("eu");
      assertThat(meters.scrape()).contains("sluice_geo_database_age_seconds 4000.0");

      Path next = dir.resolve("next");
      Files.write(next, MmdbWriter.flat(2_000, "192.0.2.0/24", "US"));
      Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Await.until(
          Duration.ofSeconds(5),
          "the new database",
          () -> locator.locate(CLIENT).region().equals("us"));
    }
  }

  @Test
  void keepsTheOldDatabaseWhenTheNewOneIsBroken() throws Exception {
    Path file = dir.resolve("geo.mmdb");
    byte[] good = MmdbWriter.flat(1_000, "192.0.2.0/24", "DE");
    Files.write(file, good);
    try (GeoDatabaseWatch watch = watch(file)) {
      watch.start();
      Files.write(file, Arrays.copyOf(good, good.length / 2));
      Await.until(Duration.ofSeconds(5), "the failure to be counted", () -> loads("failed") >= 1);
      assertThat(locator.locate(CLIENT).region()).isEqualTo("eu");

      Files.delete(file);
      Await.until(Duration.ofSeconds(5), "its absence to be counted", () -> loads("failed") >= 2);
      assertThat(locator.locate(CLIENT).region()).isEqualTo("eu");
    }
  }

  @Test
  void anOlderDatabaseDoesNotTakeThePlaceOfTheOneInUse() throws Exception {
    Path file = dir.resolve("geo.mmdb");
    Files.write(file, MmdbWriter.flat(2_000, "192.0.2.0/24", "DE"));
    try (GeoDatabaseWatch watch = watch(file)) {
      watch.start();
      Files.write(file, MmdbWriter.flat(1_000, "192.0.2.0/24", "US", "11.0.0.0/8", "US"));
      Await.until(Duration.ofSeconds(20), "the refusal", () -> loads("failed") >= 1);
      assertThat(locator.locate(CLIENT).region()).isEqualTo("eu");

      Files.write(file, MmdbWriter.flat(5_000 + 200_000, "192.0.2.0/24", "US"));
      Await.until(Duration.ofSeconds(20), "of what is not built yet", () -> loads("failed") >= 2);
      assertThat(locator.locate(CLIENT).region()).isEqualTo("eu");

      Path same = Files.write(dir.resolve("same"), MmdbWriter.flat(2_000, "192.0.2.0/24", "US"));
      Files.move(same, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Await.until(Duration.ofSeconds(20), "the same age", () -> loads("loaded") == 2);
      assertThat(locator.locate(CLIENT).region()).isEqualTo("us");
    }
  }

  @Test
  void aDatabaseFromTheFutureDoesNotShutOutTheNext() throws Exception {
    Path file = dir.resolve("geo.mmdb");
    Files.write(file, MmdbWriter.flat(5_000 + 200_000, "192.0.2.0/24", "DE"));
    try (GeoDatabaseWatch watch = watch(file)) {
      watch.start();
      assertThat(locator.locate(CLIENT).region()).isEqualTo("eu");
      Path next = Files.write(dir.resolve("next"), MmdbWriter.flat(4_000, "192.0.2.0/24", "US"));
      Files.move(next, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Await.until(Duration.ofSeconds(20), "the next", () -> loads("loaded") == 2);
    }
  }

  @Test
  void worksWithoutAFileAndTakesItWhenItComes() throws Exception {
    Path file = dir.resolve("geo.mmdb");
    try (GeoDatabaseWatch watch = watch(file)) {
      watch.start();
      assertThat(locator.locate(CLIENT).region()).isEqualTo("zz");
      assertThat(meters.scrape()).contains("sluice_geo_database_age_seconds NaN");

      Path next = dir.resolve("next");
      Files.write(next, MmdbWriter.flat(2_000, "192.0.2.0/24", "US"));
      Files.move(next, file);
      Await.until(Duration.ofSeconds(5), "the database", () -> loads("loaded") == 1);
      assertThat(locator.locate(CLIENT).region()).isEqualTo("us");
      assertThat(loads("failed")).as("an absent file is said once").isEqualTo(1);
    }
  }

  @Test
  void doesNothingWithoutAConfiguredFile() {
    try (GeoDatabaseWatch watch =
        new GeoDatabaseWatch(
            new GeoConfig("", "", Duration.ofMillis(10)),
            locator,
            meters,
            InstantSource.system())) {
      watch.start();
      assertThat(loads("failed")).isZero();
    }
  }

  private GeoDatabaseWatch watch(Path file) {
    return new GeoDatabaseWatch(
        new GeoConfig(file.toString(), "", Duration.ofMillis(10)),
        locator,
        meters,
        InstantSource.fixed(Instant.ofEpochSecond(5_000)));
  }

  private double loads(String result) {
    return meters.counter(GeoMeters.DATABASE_LOADS, result).count();
  }

  private static RegionConfig countries(String... countries) {
    return new RegionConfig(List.of(), List.of(countries), List.of(), List.of());
  }
}
