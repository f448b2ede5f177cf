package dev.sluice.chassis.metrics;

/** What kind of number a meter is. */
public enum MeterType {
  /** Only grows; its name ends in {@code _total}. */
  COUNTER,
  /** A value of this moment. */
  GAUGE,
  /** Durations, as a histogram; its name ends in {@code _seconds}. */
  TIMER
}
