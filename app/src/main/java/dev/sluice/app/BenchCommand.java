package dev.sluice.app;

import dev.sluice.lab.bench.BareSender;
import dev.sluice.lab.bench.BenchPublisher;
import dev.sluice.lab.bench.ManyPublishers;
import dev.sluice.lab.bench.ReconnectingPublishers;
import dev.sluice.lab.bench.StreamUrl;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sluice bench}: load generators, for this machine's loopback only. */
@Command(
    name = "bench",
    description = "Measure a live server of any make on this machine.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchLive.class,
      BenchHls.class,
      BenchChurn.class,
      BenchCommand.Publish.class,
      BenchCommand.Limit.class
    },
    footerHeading = "%nExample:%n",
    footer = "  sluice bench live --url rtmp://127.0.0.1:1941/live/demo --viewers 500")
final class BenchCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec own = java.util.Objects.requireNonNull(spec);
    own.commandLine().usage(own.commandLine().getOut());
  }

  /** Turns the library's IllegalArgumentException into wrong use: exit code 2 and the usage. */
  static ParameterException wrongUse(@Nullable CommandSpec spec, IllegalArgumentException cause) {
    CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
    return new ParameterException(line, String.valueOf(cause.getMessage()), cause);
  }

  private static void await(Duration duration) throws InterruptedException {
    var _ = new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** {@code sluice bench publish}: a stream with send times. */
  @Command(
      name = "publish",
      description = "Publish a stream that carries the send time in each video frame.",
      mixinStandardHelpOptions = true)
  static final class Publish implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(200);

    @Spec private @Nullable CommandSpec spec;

    @Option(
        names = "--url",
        required = true,
        description = "rtmp://HOST[:PORT]/APP/NAME[?key=…], on loopback.")
    private String url = "";

    @Option(
        names = "--clip",
        defaultValue = BenchPublisher.SYNTHETIC,
        description = "An FLV file to play in a loop, or `synthetic` (default ${DEFAULT-VALUE}).")
    private String clip = "";

    @Option(
        names = "--bitrate",
        defaultValue = "500k",
        converter = OptionForms.OfBitrate.class,
        description = "Of the synthetic stream (default ${DEFAULT-VALUE}bit/s).")
    private long bitrate;

    @Option(
        names = "--duration",
        defaultValue = "1h",
        converter = OptionForms.OfDuration.class,
        description = "How long (default ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ZERO;

    @Option(
        names = "--streams",
        defaultValue = "1",
        description = "Publish so many synthetic streams, NAME-0, NAME-1 ... (default 1: NAME).")
    private int streams;

    @Option(
        names = "--restless",
        converter = OptionForms.OfDuration.class,
        description =
            "Come and go: NAME-0 ... are published for about so long, then away for half of it.")
    private @Nullable Duration restless;

    @Override
    public Integer call() throws IOException, InterruptedException {
      if (restless != null) {
        return comeAndGo(restless);
      }
      if (streams > 1) {
        return many();
      }
      BenchPublisher publisher;
      try {
        publisher = BenchPublisher.of(StreamUrl.parse(url), clip, bitrate);
      } catch (IllegalArgumentException e) {
        throw wrongUse(spec, e);
      }
      PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
      try (publisher) {
        publisher.start();
        out.println("publishing to " + url);
        out.flush();
        long end = System.nanoTime() + duration.toNanos();
        while (publisher.running() && System.nanoTime() - end < 0) {
          await(POLL);
        }
      }
      out.println(publisher.summary());
      IOException failure = publisher.failure();
      if (failure != null) {
        throw failure;
      }
      return CommandLine.ExitCode.OK;
    }

    private int comeAndGo(Duration stay) throws IOException {
      ReconnectingPublishers publishers;
      try {
        publishers = new ReconnectingPublishers(StreamUrl.parse(url), streams, bitrate, stay);
      } catch (IllegalArgumentException e) {
        throw wrongUse(spec, e);
      }
      PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
      out.println("publishing " + streams + " streams to " + url + " now and then");
      out.flush();
      publishers.run(duration);
      out.println(publishers.summary());
      return CommandLine.ExitCode.OK;
    }

    private int many() throws IOException, InterruptedException {
      ManyPublishers publishers;
      try {
        publishers = new ManyPublishers(StreamUrl.parse(url), streams, bitrate);
      } catch (IllegalArgumentException e) {
        throw wrongUse(spec, e);
      }
      PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
      try (publishers) {
        publishers.start();
        out.println("publishing " + streams + " streams to " + url);
        out.flush();
        long end = System.nanoTime() + duration.toNanos();
        while (publishers.running() && System.nanoTime() - end < 0) {
          await(POLL);
        }
      }
      out.println(publishers.summary());
      IOException failure = publishers.failure();
      if (failure != null) {
        throw failure;
      }
      return CommandLine.ExitCode.OK;
    }
  }

  /** {@code sluice bench limit}: a sender without a server around it. */
  @Command(
      name = "limit",
      description = "Send the same bytes with nothing around it: what any server costs at least.",
      mixinStandardHelpOptions = true)
  static final class Limit implements Callable<Integer> {
    @Option(
        names = "--port",
        defaultValue = "0",
        description = "On 127.0.0.1; 0 = any free one (default ${DEFAULT-VALUE}).")
    private int port;

    @Option(
        names = "--interval",
        defaultValue = "40ms",
        converter = OptionForms.OfDuration.class,
        description = "Between batches; 0s = each frame by itself (default ${DEFAULT-VALUE}).")
    private Duration interval = Duration.ZERO;

    @Option(
        names = "--bitrate",
        defaultValue = "500k",
        converter = OptionForms.OfBitrate.class,
        description = "Of the stream (default ${DEFAULT-VALUE}bit/s).")
    private long bitrate;

    @Option(
        names = "--duration",
        defaultValue = "1h",
        converter = OptionForms.OfDuration.class,
        description = "How long (default ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ZERO;

    @Override
    public Integer call() throws InterruptedException {
      InetSocketAddress bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      try (BareSender sender = new BareSender(bind, interval, bitrate)) {
        System.out.printf(
            "sluice bench live --url http://127.0.0.1:%d/limit.flv --pid %d%n",
            sender.address().getPort(), ProcessHandle.current().pid());
        System.out.flush();
        await(duration);
      }
      return CommandLine.ExitCode.OK;
    }
  }
}
