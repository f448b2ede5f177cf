package dev.sluice.edge.cache;

import dev.sluice.chassis.http.client.HttpClientException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The origins in the operator's order, and how each has been doing.
 *
 * <p>One that fails is passed over for a while, twice as long each time, a quarter more or less so
 * that edges do not come back together: from 250 ms to 16 s when it refuses, from 2 s to 32 s when
 * it hangs, since asking that one costs a viewer's time. When the while is over one request tries
 * it; the others follow when that one got an answer.
 *
 * <p>When all are passed over, one that only refuses is tried all the same, for that costs nothing.
 * One that has hung three times and answered nothing in between is not.
 *
 * <p>Threading: any thread; a lost update means one request more or less.
 */
final class Origins {
  private static final long REFUSED_BACKOFF_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int REFUSED_DOUBLINGS = 6;
  private static final long HUNG_BACKOFF_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int HUNG_DOUBLINGS = 4;
  private static final int HANGING_FROM = 3;

  /** A probe of which nothing is heard counts as lost after this. */
  private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** One origin and how it has been doing. */
  static final class Origin {
    private final URI base;
    private final DoubleSupplier random;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger hangs = new AtomicInteger();
    private final AtomicLong notBefore = new AtomicLong();

    Origin(URI base, DoubleSupplier random) {
      this.base = base;
      this.random = random;
    }

    URI base() {
      return base;
    }

    void noteAnswer() {
      if (failures.get() != 0) {
        hangs.set(0);
        failures.set(0);
      }
    }

    /** Notes that it could not be reached, or that what it said was of no use. */
    void noteRefusal(long nowNanos) {
      hangs.set(0);
      rest(REFUSED_BACKOFF_NANOS << Math.min(REFUSED_DOUBLINGS, failures.get()), nowNanos);
    }

    /** Notes that it said nothing, or stopped in the middle. */
    void noteHang(long nowNanos) {
      rest(HUNG_BACKOFF_NANOS << Math.min(HUNG_DOUBLINGS, hangs.getAndIncrement()), nowNanos);
    }

    void noteFailure(HttpClientException.Reason reason, long nowNanos) {
      switch (reason) {
        case CONNECT_TIMEOUT, FIRST_BYTE_TIMEOUT, IDLE_TIMEOUT -> noteHang(nowNanos);
        case CONNECT, TLS, CLOSED, MALFORMED, CANCELLED -> noteRefusal(nowNanos);
      }
    }

    private void rest(long nanos, long nowNanos) {
      notBefore.set(nowNanos + (long) (nanos * (0.75 + random.getAsDouble() / 2)));
      failures.incrementAndGet();
    }

    /** Lets a request go there; after a rest only one, which is the probe. */
    private boolean admit(long nowNanos) {
      if (failures.get() == 0) {
        return true;
      }
      long until = notBefore.get();
      return nowNanos - until >= 0 && notBefore.compareAndSet(until, nowNanos + PROBE_NANOS);
    }

    private boolean rests(long nowNanos) {
      return failures.get() > 0 && nowNanos - notBefore.get() < 0;
    }

    private boolean hanging() {
      return hangs.get() >= HANGING_FROM;
    }
  }

  private final List<Origin> all;

  Origins(List<URI> bases) {
    this(bases, () -> ThreadLocalRandom.current().nextDouble());
  }

  Origins(List<URI> bases, DoubleSupplier random) {
    this.all = bases.stream().map(base -> new Origin(base, random)).toList();
  }

  int size() {
    return all.size();
  }

  /**
   * The origin for an attempt; null when all hang and it is not the time to try.
   *
   * @param attempt 0 for the first; each goes on to the next origin that does not rest
   */
  @Nullable Origin pick(int attempt, long nowNanos) {
    int n = all.size();
    for (int skip = 0; skip < n; skip++) {
      Origin origin = all.get((attempt + skip) % n);
      if (origin.admit(nowNanos)) {
        return origin;
      }
    }
    for (int skip = 0; skip < n; skip++) {
      Origin origin = all.get((attempt + skip) % n);
      if (!origin.hanging()) {
        return origin;
      }
    }
    return null;
  }

  /** Whether another origin is worth a try. */
  boolean hasOther(Origin than, long nowNanos) {
    for (Origin origin : all) {
      if (origin != than && !origin.rests(nowNanos)) {
        return true;
      }
    }
    return false;
  }
}
