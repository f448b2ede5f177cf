package dev.sluice.balancer.geo;

import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.log.RateLimitedLog;
import dev.sluice.chassis.metrics.Meters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Loads the country database, and again whenever its file changes. The database in use stays when
 * the new file cannot be read, is half written, damaged, older or missing.
 *
 * <p>Threading: one virtual thread of its own; lookups never wait for it.
 */
public final class GeoDatabaseWatch implements Service {
  private static final Logger log = LoggerFactory.getLogger(GeoDatabaseWatch.class);

  private static final Duration CLOCK_SKEW = Duration.ofDays(1);

  private final RateLimitedLog lookupFaults =
      new RateLimitedLog(log, Level.WARN, "geo lookup failed");
  private final InstantSource clock;
  private final Path file;
  private final Duration every;
  private final GeoLocator locator;
  private final Meters meters;
  private @Nullable Fingerprint seen;
  private boolean absenceSaid;
  private @Nullable Thread thread;

  private record Fingerprint(long size, long modifiedMs, @Nullable Object key) {}

  /** A watch over the configured file; does nothing if there is none. */
  public GeoDatabaseWatch(
      GeoConfig config, GeoLocator locator, Meters meters, InstantSource clock) {
    this.file = Path.of(config.database());
    this.every = config.checkEvery();
    this.locator = locator;
    this.meters = meters;
    this.clock = clock;
    meters.gauge(GeoMeters.DATABASE_AGE, () -> ageSeconds(locator, clock));
    meters.counter(GeoMeters.DATABASE_LOADS, "loaded");
    meters.counter(GeoMeters.DATABASE_LOADS, "failed");
    meters.counter(GeoMeters.LOOKUPS_FAILED);
  }

  private static double ageSeconds(GeoLocator locator, InstantSource clock) {
    Instant built = locator.databaseBuilt();
    return built == null ? Double.NaN : Duration.between(built, clock.instant()).toSeconds();
  }

  /**
   * Loads what there is, so that the first client is located well; a fault is logged, not fatal.
   */
  @Override
  public void start() {
    if (file.toString().isEmpty()) {
      return;
    }
    check();
    thread = Thread.ofVirtual().name("geo-watch").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(every);
        check();
      }
    } catch (InterruptedException e) {
      log.debug("geo watch ends");
    }
  }

  private void check() {
    Fingerprint now = null;
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      now = new Fingerprint(found.size(), found.lastModifiedTime().toMillis(), found.fileKey());
      if (now.equals(seen)) {
        return;
      }
      absenceSaid = false;
      CountryDatabase next = CountryDatabase.open(file, this::lookupFailed);
      refuseOlder(next.built(), locator.databaseBuilt());
      locator.use(next);
      meters.counter(GeoMeters.DATABASE_LOADS, "loaded").increment();
      log.info("geo database loaded file={} type={} built={}", file, next.type(), next.built());
    } catch (IOException e) {
      if (now == null && absenceSaid) {
        return;
      }
      absenceSaid = now == null;
      meters.counter(GeoMeters.DATABASE_LOADS, "failed").increment();
      String kept = locator.databaseBuilt() == null ? "none" : "the one loaded before";
      log.warn("geo database not loaded file={} in use={} reason=\"{}\"", file, kept, e.toString());
    }
    seen = now;
  }

  /**
   * A file that is put back by mistake must not take the place of a newer one. A build time that is
   * still to come is a mistake too, and must not shut out what comes after it.
   */
  private void refuseOlder(Instant next, @Nullable Instant current) throws IOException {
    Instant latest = clock.instant().plus(CLOCK_SKEW);
    if (current == null || current.isAfter(latest)) {
      return;
    }
    if (next.isBefore(current)) {
      throw new IOException(
          "built: " + next + " (expected: not before " + current + "; a restart takes it)");
    }
    if (next.isAfter(latest)) {
      throw new IOException("built: " + next + " (expected: not after now)");
    }
  }

  private void lookupFailed(String detail) {
    meters.counter(GeoMeters.LOOKUPS_FAILED).increment();
    lookupFaults.note(detail);
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      try {
        running.join(Duration.ofSeconds(3));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
