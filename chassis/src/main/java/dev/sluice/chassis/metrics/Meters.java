package dev.sluice.chassis.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.NamingConvention;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one server, scraped under exactly the names their {@link MeterDoc}s give. JVM and
 * process meters keep the usual names ({@code jvm_}, {@code process_}, {@code system_}).
 *
 * <p>Threading: any thread. Asking again for the same meter and tag values returns the same one.
 */
public final class Meters implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("sluice(_[a-z0-9]+)+");

  private static final Duration[] TIMER_BUCKETS =
      java.util.stream.LongStream.of(1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Queue<Supplier<? extends Number>> values = new ConcurrentLinkedQueue<>();
  private final Map<Tagged, Counter> counters = new ConcurrentHashMap<>();

  /** A counter's name and values of its tags; requests count by it, so it is found quickly. */
  private record Tagged(MeterDoc doc, List<String> values) {}

  /**
   * An empty set with the JVM's meters.
   *
   * @param commonTags key, value, key, value... put on every meter; usually none, as the scraper
   *     knows which node it scrapes
   */
  public Meters(String... commonTags) {
    registry.config().namingConvention(new ExactNames());
    registry.config().commonTags(commonTags);
    // Replaced below, and told by the machine itself: Prometheus likes neither name.
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    gc.bindTo(registry);
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      FunctionCounter.builder("process.cpu.seconds", system, s -> s.getProcessCpuTime() / 1e9)
          .description("CPU time of this process, user and system.")
          .register(registry);
    }
  }

  /** A counter, 0 from the start. */
  public Counter counter(MeterDoc doc, String... tagValues) {
    return counters.computeIfAbsent(new Tagged(doc, List.of(tagValues)), this::register);
  }

  private Counter register(Tagged tagged) {
    MeterDoc doc = tagged.doc();
    check(doc, MeterType.COUNTER);
    return Counter.builder(doc.meterName())
        .description(doc.help())
        .tags(tags(doc, tagged.values().toArray(String[]::new)))
        .register(registry);
  }

  /** A counter whose value is kept elsewhere and read at each scrape; it must never go down. */
  public void counter(MeterDoc doc, Supplier<? extends Number> value, String... tagValues) {
    check(doc, MeterType.COUNTER);
    values.add(value); // the registry itself would let it be collected
    FunctionCounter.builder(doc.meterName(), value, v -> v.get().doubleValue())
        .description(doc.help())
        .tags(tags(doc, tagValues))
        .register(registry);
  }

  /** A value read at each scrape, from the scraping thread. */
  public void gauge(MeterDoc doc, Supplier<? extends Number> value, String... tagValues) {
    check(doc, MeterType.GAUGE);
    Gauge.builder(doc.meterName(), value::get)
        .description(doc.help())
        .tags(tags(doc, tagValues))
        .register(registry);
  }

  /** Durations, with buckets from 1 ms to 10 s. */
  public Timer timer(MeterDoc doc, String... tagValues) {
    check(doc, MeterType.TIMER);
    return Timer.builder(doc.meterName())
        .description(doc.help())
        .tags(tags(doc, tagValues))
        .serviceLevelObjectives(TIMER_BUCKETS)
        .register(registry);
  }

  /** The Prometheus text format, version 0.0.4. */
  public String scrape() {
    return registry.scrape();
  }

  /** For what these methods do not offer. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Stops listening to the garbage collector. */
  @Override
  public void close() {
    gc.close();
    registry.close();
  }

  /** Says what is wrong with a documented name, or nothing. */
  static @Nullable String nameFault(MeterDoc doc) {
    String name = doc.meterName();
    String ending =
        switch (doc.type()) {
          case COUNTER -> doc.unit().isEmpty() ? "_total" : "_" + doc.unit() + "_total";
          case TIMER -> "_seconds";
          case GAUGE -> doc.unit().isEmpty() ? "" : "_" + doc.unit();
        };
    if (NAME.matcher(name).matches() && name.endsWith(ending)) {
      return null;
    }
    return "meter name: " + name + " (expected: sluice_words" + ending + ")";
  }

  private static void check(MeterDoc doc, MeterType type) {
    String fault = nameFault(doc);
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    if (doc.type() != type) {
      throw new IllegalArgumentException(
          doc.meterName() + ": used as " + type + " (expected: " + doc.type() + ")");
    }
  }

  private static List<Tag> tags(MeterDoc doc, String... values) {
    List<String> keys = doc.tags();
    if (keys.size() != values.length) {
      throw new IllegalArgumentException(
          doc.meterName() + ": " + values.length + " tag values (expected: " + keys + ")");
    }
    List<Tag> tags = new ArrayList<>(values.length);
    for (int i = 0; i < values.length; i++) {
      tags.add(Tag.of(keys.get(i), values[i]));
    }
    return tags;
  }

  /** Our names are final already; Micrometer's own binders use dots and get the usual treatment. */
  private static final class ExactNames implements NamingConvention {
    private final NamingConvention usual = new PrometheusNamingConvention();

    @Override
    public String name(String name, Meter.Type type, @Nullable String baseUnit) {
      if (!name.startsWith("sluice_")) {
        return usual.name(name, type, baseUnit);
      }
      // The text writer appends _total to every counter.
      return name.endsWith("_total") ? name.substring(0, name.length() - 6) : name;
    }

    @Override
    public String tagKey(String key) {
      return usual.tagKey(key);
    }
  }
}
