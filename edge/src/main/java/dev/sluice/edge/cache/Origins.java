package dev.sluice.edge.cache;

import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The origins in the operator's order. One that fails is passed over for a while, twice as long
 * each time (250 ms to 16 s), unless all are failing.
 *
 * <p>Threading: any thread; a lost update means one request more or less.
 */
final class Origins {
  private static final long FIRST_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int MOST_DOUBLINGS = 6;

  /** One origin and how it has been doing. */
  static final class Origin {
    private final URI base;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong notBefore = new AtomicLong();

    Origin(URI base) {
      this.base = base;
    }

    URI base() {
      return base;
    }

    void answered() {
      if (failures.get() != 0) {
        failures.set(0);
      }
    }

    void failed(long nowNanos) {
      int doublings = Math.min(MOST_DOUBLINGS, failures.getAndIncrement());
      notBefore.set(nowNanos + (FIRST_BACKOFF_NANOS << doublings));
    }

    boolean resting(long nowNanos) {
      return failures.get() > 0 && nowNanos - notBefore.get() < 0;
    }
  }

  private final List<Origin> all;

  Origins(List<URI> bases) {
    this.all = bases.stream().map(Origin::new).toList();
  }

  int size() {
    return all.size();
  }

  /**
   * The origin for an attempt.
   *
   * @param attempt 0 for the first; each goes on to the next origin that does not rest
   */
  Origin pick(int attempt, long nowNanos) {
    int n = all.size();
    for (int skip = 0; skip < n; skip++) {
      Origin origin = all.get((attempt + skip) % n);
      if (!origin.resting(nowNanos)) {
        return origin;
      }
    }
    return all.get(attempt % n);
  }
}
