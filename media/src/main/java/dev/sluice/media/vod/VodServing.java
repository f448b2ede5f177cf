package dev.sluice.media.vod;

import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** What the playbacks of one server share. Thread-safe. */
public final class VodServing {
  private final VodSource source;
  private final VodConfig config;
  private final Meters meters;
  private final LongSupplier nanoClock;
  private final AtomicInteger viewers = new AtomicInteger();
  private final AtomicLong sentBytes = new AtomicLong();
  private final Counter sent;
  private final Counter seeks;

  /** Files of a source; shows all meters from the start. */
  public VodServing(VodSource source, VodConfig config, Meters meters) {
    this(source, config, meters, System::nanoTime);
  }

  /** The same on another monotonic clock, which tests turn by hand. */
  public VodServing(VodSource source, VodConfig config, Meters meters, LongSupplier nanoClock) {
    this.source = source;
    this.config = config;
    this.nanoClock = nanoClock;
    this.meters = meters;
    this.sent = meters.counter(VodMeters.SENT);
    this.seeks = meters.counter(VodMeters.SEEKS);
    for (VodEnd reason : VodEnd.values()) {
      meters.counter(VodMeters.PLAYS, reason.word());
    }
    meters.gauge(VodMeters.VIEWERS, viewers::get);
  }

  /** Where files come from. */
  public VodSource source() {
    return source;
  }

  /** The settings. */
  public VodConfig config() {
    return config;
  }

  /** Viewers now. */
  public int viewers() {
    return viewers.get();
  }

  /** Bytes sent to all viewers so far. */
  public long sentBytes() {
    return sentBytes.get();
  }

  long now() {
    return nanoClock.getAsLong();
  }

  void joined() {
    viewers.incrementAndGet();
  }

  void left() {
    viewers.decrementAndGet();
  }

  void sent(int bytes) {
    sentBytes.addAndGet(bytes);
    sent.increment(bytes);
  }

  void sought() {
    seeks.increment();
  }

  void ended(VodEnd reason) {
    meters.counter(VodMeters.PLAYS, reason.word()).increment();
  }
}
