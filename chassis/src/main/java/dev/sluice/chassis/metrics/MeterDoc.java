package dev.sluice.chassis.metrics;

import java.util.List;

/**
 * One meter as documented. Implemented by one enum per module:
 *
 * <pre>{@code
 * enum LiveMeters implements MeterDoc {
 *   VIEWERS("sluice_live_viewers", MeterType.GAUGE, "", List.of("protocol"), "Viewers now."),
 *   SENT("sluice_live_sent_bytes_total", MeterType.COUNTER, "bytes", List.of("protocol"), "...");
 * }
 * }</pre>
 */
public interface MeterDoc {

  /**
   * The name exactly as scraped: {@code sluice_}, then lower case words; a counter ends in {@code
   * _total}, a timer in {@code _seconds}; a unit stands before {@code _total}.
   */
  String meterName();

  /** Kind of number. */
  MeterType type();

  /** {@code seconds}, {@code bytes}, or empty for a plain number. */
  String unit();

  /**
   * Tag keys, in the order in which values are given. Values come from bounded sets: never a stream
   * key, a path or a client's address.
   */
  List<String> tags();

  /** One sentence for the operator. */
  String help();
}
