package dev.sluice.app;

import dev.sluice.lab.bench.BenchPublisher;
import dev.sluice.lab.bench.LiveBench;
import dev.sluice.lab.bench.LiveOptions;
import dev.sluice.lab.bench.LiveReport;
import dev.sluice.lab.bench.ReportText;
import dev.sluice.lab.bench.SourceAddresses;
import dev.sluice.lab.bench.StreamUrl;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code sluice bench live}: many viewers. */
@Command(
    name = "live",
    description = "Many viewers of one stream from one process: what they get and what it costs.",
    mixinStandardHelpOptions = true)
final class BenchLive implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--url",
      required = true,
      description =
          "rtmp://HOST[:PORT]/APP/NAME, or http, https, ws or wss://HOST[:PORT]/PATH.flv,"
              + " on loopback; no certificate is checked.")
  private String url = "";

  @Option(
      names = {"-n", "--viewers"},
      defaultValue = "100",
      description = "Viewers (default ${DEFAULT-VALUE}).")
  private int viewers;

  @Option(
      names = "--streams",
      defaultValue = "1",
      description =
          "Spread the viewers over so many streams, NAME-0, NAME-1 ... (default: the URL's own).")
  private int streams;

  @Option(
      names = "--duration",
      defaultValue = "24s",
      converter = OptionForms.OfDuration.class,
      description = "The window that is measured (default ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--warmup",
      defaultValue = "5s",
      converter = OptionForms.OfDuration.class,
      description = "How long all viewers play before it (default ${DEFAULT-VALUE}).")
  private Duration warmup = Duration.ZERO;

  @Option(
      names = "--ramp",
      defaultValue = "400/s",
      converter = OptionForms.OfRate.class,
      description = "New viewers per second (default ${DEFAULT-VALUE}).")
  private double ramp;

  @Option(
      names = "--pid",
      split = ",",
      description = "Processes of the server, to report their CPU time and memory.")
  private List<Long> pids = List.of();

  @Option(
      names = "--sources",
      description = "Addresses that viewers connect from, such as 127.0.1.0/24.")
  private @Nullable String sources;

  @Option(
      names = "--sample-every",
      defaultValue = "50",
      description = "Each such viewer, and the first 20, read every frame (${DEFAULT-VALUE}).")
  private int sampleEvery;

  @Option(
      names = "--stall",
      defaultValue = "1s",
      converter = OptionForms.OfDuration.class,
      description = "A silence that counts as a stall (default ${DEFAULT-VALUE}).")
  private Duration stall = Duration.ZERO;

  @Option(
      names = "--start-limit",
      defaultValue = "15s",
      converter = OptionForms.OfDuration.class,
      description = "Longest wait for the first picture after the ramp (${DEFAULT-VALUE}).")
  private Duration startLimit = Duration.ZERO;

  @Option(
      names = "--loops",
      defaultValue = "1",
      description = "Event loops of the client (default ${DEFAULT-VALUE}; one drives 3000).")
  private int loops;

  @Option(
      names = "--publish",
      arity = "0..1",
      fallbackValue = "",
      description = "Also publish the synthetic stream with send times: to --url, or to this URL.")
  private @Nullable String publish;

  @Option(
      names = "--bitrate",
      defaultValue = "500k",
      converter = OptionForms.OfBitrate.class,
      description = "Of the published stream (default ${DEFAULT-VALUE}bit/s).")
  private long bitrate;

  @Option(names = "--latency", description = "Fail when no frame carried a send time.")
  private boolean latency;

  @Option(names = "--json", description = "Report as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    LiveOptions options = options();
    try (BenchPublisher publisher = publisher(options.url())) {
      if (publisher != null) {
        publisher.start();
      }
      PrintWriter err = java.util.Objects.requireNonNull(spec).commandLine().getErr();
      LiveReport report = new LiveBench(options, line -> progress(err, line)).run();
      print(report);
      if (publisher != null && publisher.failure() != null) {
        err.println("sluice: the publisher ended: " + publisher.failure());
        return CommandLine.ExitCode.SOFTWARE;
      }
      if (latency && report.latencyMs().count() == 0) {
        err.println("sluice: no frame with a send time came; publish with `sluice bench publish`");
        return CommandLine.ExitCode.SOFTWARE;
      }
      return report.playing() > 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
  }

  private LiveOptions options() {
    try {
      return new LiveOptions(
          StreamUrl.parse(url),
          streams,
          viewers,
          duration,
          warmup,
          ramp,
          pids,
          sources == null ? null : SourceAddresses.parse(sources),
          sampleEvery,
          stall,
          loops,
          startLimit);
    } catch (IllegalArgumentException e) {
      throw BenchCommand.wrongUse(spec, e);
    }
  }

  private @Nullable BenchPublisher publisher(StreamUrl watched) throws IOException {
    if (publish == null) {
      return null;
    }
    try {
      StreamUrl target = publish.isEmpty() ? watched : StreamUrl.parse(publish);
      return BenchPublisher.of(target, BenchPublisher.SYNTHETIC, bitrate);
    } catch (IllegalArgumentException e) {
      throw BenchCommand.wrongUse(spec, e);
    }
  }

  private static void progress(PrintWriter err, String line) {
    err.println(line);
    err.flush();
  }

  private void print(LiveReport report) {
    PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    out.print(json ? JsonMapper.shared().writeValueAsString(report) + "\n" : ReportText.of(report));
    out.flush();
  }
}
