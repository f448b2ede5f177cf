package dev.sluice.edge.cache;

import dev.sluice.chassis.auth.SlowedGuesses;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.edge.cache.CacheAnswer.How;
import dev.sluice.edge.cache.disk.CacheMeters;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.InstantSource;

/**
 * What all requests to a cache share.
 *
 * <p>Threading: any thread, as each part is.
 *
 * @param name of the cache in {@code Cache-Status} and {@code CDN-Loop}
 * @param guesses slows who tries many names
 */
record RequestParts(
    String name,
    ObjectTable objects,
    CacheParts files,
    SlowedGuesses guesses,
    Meters meters,
    InstantSource clock) {

  /** Counts a request by how its answer came to be. */
  void count(How how) {
    count(how.result());
  }

  /** Counts a request by a value of the meter's tag {@code result}. */
  void count(String result) {
    meters.counter(CacheMeters.REQUESTS, result).increment();
  }

  /** Writes what is said of a file, but for its type and length. */
  void describe(HttpHeaders headers, CachedObject object, How how) {
    CacheAnswer.describe(headers, object, name, how, clock.millis());
  }
}
