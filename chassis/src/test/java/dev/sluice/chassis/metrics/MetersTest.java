package dev.sluice.chassis.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetersTest {
  enum Sample implements MeterDoc {
    VIEWERS("sluice_live_viewers", MeterType.GAUGE, "", List.of("protocol"), "Viewers now."),
    SENT("sluice_live_sent_bytes_total", MeterType.COUNTER, "bytes", List.of(), "Bytes sent."),
    READ("sluice_live_read_bytes_total", MeterType.COUNTER, "bytes", List.of(), "Bytes read."),
    FILL("sluice_cache_fill_seconds", MeterType.TIMER, "seconds", List.of(), "Time | to fill."),
    BAD("sluice_bad", MeterType.COUNTER, "", List.of(), "Lacks its ending.");

    private final String meterName;
    private final MeterType type;
    private final String unit;
    private final List<String> tags;
    private final String help;

    Sample(String meterName, MeterType type, String unit, List<String> tags, String help) {
      this.meterName = meterName;
      this.type = type;
      this.unit = unit;
      this.tags = tags;
      this.help = help;
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

  private final Meters meters = new Meters();

  @AfterEach
  void close() {
    meters.close();
  }

  @Test
  void scrapesExactlyTheDocumentedNames() {
    AtomicLong read = new AtomicLong(7);
    meters.gauge(Sample.VIEWERS, () -> 3, "rtmp");
    meters.counter(Sample.SENT).increment(12);
    meters.counter(Sample.READ, read::get);
    meters.timer(Sample.FILL).record(Duration.ofMillis(20));
    assertThat(meters.scrape().lines())
        .contains(
            "# HELP sluice_live_viewers Viewers now.",
            "# TYPE sluice_live_viewers gauge",
            "sluice_live_viewers{protocol=\"rtmp\"} 3.0",
            "# TYPE sluice_live_sent_bytes_total counter",
            "sluice_live_sent_bytes_total 12.0",
            "sluice_live_read_bytes_total 7.0",
            "# TYPE sluice_cache_fill_seconds histogram",
            "sluice_cache_fill_seconds_bucket{le=\"0.025\"} 1",
            "sluice_cache_fill_seconds_count 1")
        .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
        .anyMatch(line -> line.startsWith("process_cpu_usage "));
  }

  @Test
  void returnsTheSameMeterForTheSameTags() {
    assertThat(meters.counter(Sample.SENT)).isSameAs(meters.counter(Sample.SENT));
  }

  @Test
  void refusesNamesTypesAndTagsThatDoNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> meters.counter(Sample.BAD))
        .withMessage("meter name: sluice_bad (expected: sluice_words_total)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> meters.counter(Sample.VIEWERS, "rtmp"))
        .withMessageContaining("GAUGE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> meters.gauge(Sample.VIEWERS, () -> 1))
        .withMessageContaining("[protocol]");
  }

  @Test
  void writesTheManual() {
    assertThat(MeterReference.markdown("Live", List.of(Sample.VIEWERS, Sample.FILL)))
        .isEqualTo(
            """
            ## Live

            | name | type | tags | meaning |
            |---|---|---|---|
            | `sluice_cache_fill_seconds` | timer |  | Time \\| to fill. |
            | `sluice_live_viewers` | gauge | protocol | Viewers now. |
            """);
    assertThat(MeterReference.faults(List.of(Sample.values()))).hasSize(1);
  }
}
