package dev.sluice.app;

import dev.sluice.lab.bench.ChurnBench;
import dev.sluice.lab.bench.ChurnReport;
import dev.sluice.lab.bench.SourceAddresses;
import dev.sluice.lab.bench.StreamUrl;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code sluice bench churn}: viewers that come and go. */
@Command(
    name = "churn",
    description = "Viewers that come and go for a long time, one line for each interval.",
    mixinStandardHelpOptions = true)
final class BenchChurn implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--url",
      required = true,
      description = "As for `bench live`; may be given several times, viewers take turns.")
  private List<String> urls = List.of();

  @Option(
      names = "--streams",
      defaultValue = "1",
      description = "Spread over so many streams of each URL, NAME-0 ... (default 1: NAME).")
  private int streams;

  @Option(
      names = "--joins",
      defaultValue = "100/s",
      converter = OptionForms.OfRate.class,
      description = "New viewers per second (default ${DEFAULT-VALUE}).")
  private double joins;

  @Option(
      names = "--life",
      defaultValue = "15s",
      converter = OptionForms.OfDuration.class,
      description = "How long one stays, from half to one and a half of it (${DEFAULT-VALUE}).")
  private Duration life = Duration.ZERO;

  @Option(
      names = "--duration",
      defaultValue = "1m",
      converter = OptionForms.OfDuration.class,
      description = "How long viewers join (default ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--interval",
      defaultValue = "10s",
      converter = OptionForms.OfDuration.class,
      description = "Between two lines (default ${DEFAULT-VALUE}).")
  private Duration interval = Duration.ZERO;

  @Option(
      names = "--sources",
      defaultValue = "127.0.1.0/24",
      description = "Addresses that viewers connect from (default ${DEFAULT-VALUE}).")
  private String sources = "";

  @Option(names = "--json", description = "One JSON object in a line.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    ChurnBench bench;
    try {
      List<StreamUrl> parsed = urls.stream().map(StreamUrl::parse).toList();
      bench = new ChurnBench(parsed, streams, joins, life, SourceAddresses.parse(sources));
    } catch (IllegalArgumentException e) {
      throw BenchCommand.wrongUse(spec, e);
    }
    ChurnReport all = bench.run(duration, interval, report -> print("", report));
    print("in all: ", all);
    return all.left() > 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private void print(String prefix, ChurnReport r) {
    PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    if (json) {
      out.println(JsonMapper.shared().writeValueAsString(r));
    } else {
      out.printf(
          Locale.ROOT,
          "%s%.0f s: %d viewers, %d playing; joined %d, left %d, failed %s;"
              + " start-up p50 %.1f p99 %.1f max %.1f ms; frames lost %d, backward %d%n",
          prefix,
          r.atSecond(),
          r.viewers(),
          r.playing(),
          r.joined(),
          r.left(),
          r.failures(),
          r.startupMs().p50(),
          r.startupMs().p99(),
          r.startupMs().max(),
          r.framesLost(),
          r.timestampsBackward());
    }
    out.flush();
  }
}
