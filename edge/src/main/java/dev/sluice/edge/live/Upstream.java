package dev.sluice.edge.live;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.lifecycle.Backoff;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * One server that streams are taken from or brought to, as all streams of the edge see it.
 *
 * <p>Guards it against a crowd: so many attempts at once, and a single one while it is not known to
 * answer. Whoever is not admitted is called when that may have changed: all at once when the single
 * attempt failed (they look elsewhere), a few at a time when it was answered.
 *
 * <p>Threading: any thread, as streams live on all event loops. The health is replaced as a whole;
 * the queue of those who wait holds at most one entry for each stream.
 */
final class Upstream {
  /** How near a server is in the tree. Nearer ones are tried first. */
  enum Tier {
    /** An edge that other edges of the region take streams from. */
    PARENT,
    /** Where encoders publish. */
    ORIGIN;

    /** Lower case, for JSON. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final HostPort address;
  private final Tier tier;
  private final Backoff backoff;
  private final int mostAttempts;
  private final AtomicReference<UpstreamHealth> health =
      new AtomicReference<>(UpstreamHealth.UNKNOWN);
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicInteger streams = new AtomicInteger();
  private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  /**
   * Begins with {@link UpstreamHealth#UNKNOWN}: not tried yet, so worth a try.
   *
   * @param mostAttempts connections being made to it at once
   */
  Upstream(HostPort address, Tier tier, Backoff backoff, int mostAttempts) {
    this.address = address;
    this.tier = tier;
    this.backoff = backoff;
    this.mostAttempts = mostAttempts;
  }

  HostPort address() {
    return address;
  }

  Tier tier() {
    return tier;
  }

  UpstreamHealth health() {
    return health.get();
  }

  /** Streams that come from here, or go there, now. */
  AtomicInteger streams() {
    return streams;
  }

  /** Attempts that run now. */
  int attempts() {
    return attempts.get();
  }

  /**
   * Whether an attempt may begin; then {@link #endAttempt} must follow.
   *
   * @param otherwise called once, from any thread, when it is worth asking again; it may also be
   *     that it is never called
   */
  boolean admit(long nowNanos, Runnable otherwise) {
    UpstreamHealth now = health.get();
    int most = mostAttempts;
    if (now.failing()) {
      most = nowNanos - now.notBeforeNanos() >= 0 ? 1 : 0;
    }
    int running = attempts.get();
    while (running < most) {
      if (attempts.compareAndSet(running, running + 1)) {
        return true;
      }
      running = attempts.get();
    }
    waiting.add(otherwise);
    return false;
  }

  /** When it may be tried, if nobody else does: now, or after the backoff. */
  long notBefore(long nowNanos) {
    UpstreamHealth now = health.get();
    return now.failing() && now.notBeforeNanos() - nowNanos > 0 ? now.notBeforeNanos() : nowNanos;
  }

  /** Notes that the TCP connection of an attempt stands. */
  void noteConnected(long rttNanos) {
    update(was -> was.connected(rttNanos));
  }

  /** Notes that an attempt was answered. */
  void noteAnswer(long nowNanos) {
    update(was -> was.answered(nowNanos));
  }

  /** Notes that an attempt was not answered. */
  void noteFailure(long startedNanos, long nowNanos) {
    double random = ThreadLocalRandom.current().nextDouble();
    update(was -> was.failed(startedNanos, nowNanos, backoff, random));
  }

  /** Notes that a connection which stood has broken. */
  void noteBreak(long nowNanos) {
    update(was -> was.suspected(nowNanos));
  }

  /**
   * Ends an attempt, of which {@link #noteAnswer} or {@link #noteFailure} has told; lets others
   * try.
   */
  void endAttempt() {
    int running = attempts.decrementAndGet();
    int room = health.get().failing() ? Integer.MAX_VALUE : mostAttempts - running;
    for (int i = 0; i < room; i++) {
      Runnable next = waiting.poll();
      if (next == null) {
        return;
      }
      next.run();
    }
  }

  private void update(UnaryOperator<UpstreamHealth> change) {
    health.updateAndGet(change);
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
