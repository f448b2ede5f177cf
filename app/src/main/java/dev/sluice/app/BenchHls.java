package dev.sluice.app;

import dev.sluice.lab.bench.SourceAddresses;
import dev.sluice.lab.hls.HlsBench;
import dev.sluice.lab.hls.HlsOptions;
import dev.sluice.lab.hls.HlsReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code sluice bench hls}: many HLS players. */
@Command(
    name = "hls",
    description = "Many HLS players of one stream from one process, asking as hls.js does.",
    mixinStandardHelpOptions = true)
final class BenchHls implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--url",
      required = true,
      description = "http(s)://HOST[:PORT]/PATH.m3u8 of a media playlist, on loopback.")
  private String url = "";

  @Option(names = "--http2", description = "Speak HTTP/2, over https.")
  private boolean http2;

  @Option(
      names = "--record",
      paramLabel = "DIRECTORY",
      description = "Write down what the first viewer gets in the window, and when.")
  private @Nullable Path record;

  @Option(
      names = "--replay",
      paramLabel = "DIRECTORY",
      description = "Ask for what was recorded there, at the same times, of a server of files.")
  private @Nullable Path replay;

  @Option(
      names = {"-n", "--viewers"},
      defaultValue = "100",
      description = "Viewers (default ${DEFAULT-VALUE}).")
  private int viewers;

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
      names = "--loops",
      defaultValue = "1",
      description = "Event loops of the client (default ${DEFAULT-VALUE}).")
  private int loops;

  @Option(names = "--json", description = "Report as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    PrintWriter err = line.getErr();
    HlsReport report = bench(err).run();
    line.getOut()
        .print(json ? JsonMapper.shared().writeValueAsString(report) + "\n" : report.text());
    line.getOut().flush();
    return report.playing() > 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private HlsBench bench(PrintWriter err) {
    try {
      HlsOptions options =
          new HlsOptions(
              URI.create(url),
              http2,
              record,
              replay,
              viewers,
              duration,
              warmup,
              ramp,
              pids,
              sources == null ? null : SourceAddresses.parse(sources),
              loops);
      return new HlsBench(
          options,
          text -> {
            err.println(text);
            err.flush();
          });
    } catch (IllegalArgumentException e) {
      throw BenchCommand.wrongUse(spec, e);
    }
  }
}
