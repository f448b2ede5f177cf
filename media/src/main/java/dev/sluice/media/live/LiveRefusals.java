package dev.sluice.media.live;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.stream.EndReason;
import java.net.InetAddress;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Those who do not get in: counts them, and says how late to answer one who guesses.
 *
 * <p>Threading: any thread.
 */
public final class LiveRefusals {
  private final Meters meters;
  private final LongSupplier nanoClock;
  private final RefusalPace keys = new RefusalPace();
  private final RefusalPace names = new RefusalPace();

  LiveRefusals(Meters meters, LongSupplier nanoClock) {
    this.meters = meters;
    this.nanoClock = nanoClock;
  }

  /** Counts a publisher. */
  public void publisher(PublishRefused.Reason reason) {
    meters.counter(LiveMeters.PUBLISH_REFUSED, reason.word()).increment();
  }

  /** Counts a viewer that named no stream, or one that cannot be. */
  public void misnamed() {
    viewer(EndReason.NOT_FOUND);
  }

  void viewer(EndReason reason) {
    meters.counter(LiveMeters.JOINS_REFUSED, reason.word()).increment();
  }

  /** How late to answer one who is refused again and again. */
  public RefusalPace.Step pace(InetAddress address) {
    return keys.refused(address, nanoClock.getAsLong());
  }

  /** How late to tell one that what it asked for is not there. */
  public RefusalPace.Step missed(@Nullable InetAddress address, String name) {
    return address == null
        ? RefusalPace.Step.FIRST
        : names.missed(address, name, nanoClock.getAsLong());
  }
}
