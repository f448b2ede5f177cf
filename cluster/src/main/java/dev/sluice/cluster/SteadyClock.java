package dev.sluice.cluster;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Time that only goes forward, at the pace of {@link System#nanoTime()}. It reads the wall clock
 * once, so its instants look like those of the wall clock until that is set; ages and leases
 * reckoned with it are right even then. Not for what other machines are told, such as expiries.
 *
 * <p>Threading: any thread.
 */
public final class SteadyClock implements InstantSource {
  /** The one of this process: instants of two clocks could not be compared. */
  public static final SteadyClock SYSTEM =
      new SteadyClock(InstantSource.system(), System::nanoTime);

  private final Instant start;
  private final long startNanos;
  private final LongSupplier nanoTime;

  SteadyClock(InstantSource wall, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
    this.start = wall.instant();
  }

  @Override
  public Instant instant() {
    return start.plusNanos(nanoTime.getAsLong() - startNanos);
  }
}
