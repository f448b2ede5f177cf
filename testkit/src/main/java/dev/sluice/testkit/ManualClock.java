package dev.sluice.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time that moves only when a test says so. Not thread-safe. */
public final class ManualClock implements InstantSource {
  private long nanos;
  private final Instant start;

  /** Starts at 2026-01-01T00:00:00Z with zero elapsed nanoseconds. */
  public ManualClock() {
    this(Instant.parse("2026-01-01T00:00:00Z"));
  }

  /** Starts at the given instant with zero elapsed nanoseconds. */
  public ManualClock(Instant start) {
    this.start = start;
  }

  /** Moves time forward. */
  public void advance(Duration by) {
    nanos += by.toNanos();
  }

  /** Nanoseconds since construction, in the manner of {@link System#nanoTime()}. */
  public long nanoTime() {
    return nanos;
  }

  @Override
  public Instant instant() {
    return start.plusNanos(nanos);
  }
}
