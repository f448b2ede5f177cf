package dev.sluice.edge.cache.disk;

import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import java.util.List;

/** What the cache measures. */
public enum CacheMeters implements MeterDoc {
  REQUESTS(
      "sluice_cache_requests_total",
      MeterType.COUNTER,
      "",
      "Requests by result: hit, miss, stale, revalidated, negative, pass, error.",
      "result"),
  SENT(
      "sluice_cache_sent_bytes_total",
      MeterType.COUNTER,
      "bytes",
      "Bytes of bodies sent, by source: disk, fill (from memory while fetched), pass.",
      "source"),
  FETCHES(
      "sluice_cache_fetches_total",
      MeterType.COUNTER,
      "",
      "Requests to origins, by purpose: lookup, fill, pass.",
      "purpose"),
  FETCHED(
      "sluice_cache_fetched_bytes_total",
      MeterType.COUNTER,
      "bytes",
      "Bytes of bodies received from origins."),
  FILLS(
      "sluice_cache_slice_fills_total",
      MeterType.COUNTER,
      "",
      "Slices fetched, by what became of them: stored, unstored, failed.",
      "result"),
  FILL_ERRORS(
      "sluice_cache_fill_errors_total",
      MeterType.COUNTER,
      "",
      "Answers of origins that were of no use, by reason.",
      "reason"),
  FILL_MEMORY(
      "sluice_cache_fill_memory_bytes",
      MeterType.GAUGE,
      "bytes",
      "Memory reserved for slices that are being fetched."),
  EVICTIONS(
      "sluice_cache_evictions_total", MeterType.COUNTER, "", "Slices that made room for others."),
  STORE_ERRORS(
      "sluice_cache_store_errors_total",
      MeterType.COUNTER,
      "",
      "Writes that failed, by reason: io and pinned (a slice), log (what is known of files).",
      "reason"),
  CORRUPT_SLOTS(
      "sluice_cache_corrupt_slots_total",
      MeterType.COUNTER,
      "",
      "Slices whose bytes on disk did not match their checksum; treated as misses."),
  COLD_READS(
      "sluice_cache_cold_reads_total",
      MeterType.COUNTER,
      "",
      "Slices that were on disk but not in memory, and were read before they were sent."),
  SLOTS(
      "sluice_cache_slots",
      MeterType.GAUGE,
      "",
      "Slots for slices, by state: used, total.",
      "state"),
  OBJECTS("sluice_cache_objects", MeterType.GAUGE, "", "Files known.");

  private final String meterName;
  private final MeterType type;
  private final String unit;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  private final List<String> tags;

  CacheMeters(String meterName, MeterType type, String unit, String help, String... tags) {
    this.meterName = meterName;
    this.type = type;
    this.unit = unit;
    this.help = help;
    this.tags = List.of(tags);
  }

  @Override
  public String meterName() {
    return meterName;
  }

  @Override
  public MeterType type() {
    return type;
  }

  @Override
  public String unit() {
    return unit;
  }

  @Override
  public List<String> tags() {
    return tags;
  }

  @Override
  public String help() {
    return help;
  }
}
