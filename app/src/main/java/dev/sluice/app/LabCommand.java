package dev.sluice.app;

import dev.sluice.lab.wan.LineConditions;
import dev.sluice.lab.wan.WanRelay;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sluice lab}: pieces of a network to test against. */
@Command(
    name = "lab",
    description = "Pieces of a network to test against, on this machine's loopback.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = LabCommand.Wan.class,
    footerHeading = "%nExample:%n",
    footer =
        "  sluice lab wan --to 127.0.0.1:1941 --listen 2941 --rate 300k --delay 100ms --loss 2")
final class LabCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandLine own = Objects.requireNonNull(spec).commandLine();
    own.usage(own.getOut());
  }

  /** {@code sluice lab wan}: a slow, long and lossy line. */
  @Command(
      name = "wan",
      description = "Relay TCP connections as over a line with a rate, a delay and losses.",
      mixinStandardHelpOptions = true)
  static final class Wan implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--to", required = true, description = "HOST:PORT to go on to, on loopback.")
    private String to = "";

    @Option(
        names = "--listen",
        defaultValue = "0",
        description = "Port on 127.0.0.1; 0 = any free one (default ${DEFAULT-VALUE}).")
    private int port;

    @Option(
        names = "--rate",
        defaultValue = "0",
        converter = OptionForms.OfBitrate.class,
        description = "What each connection carries; 0 = no limit (default ${DEFAULT-VALUE}).")
    private long rate;

    @Option(
        names = "--delay",
        defaultValue = "0ms",
        converter = OptionForms.OfDuration.class,
        description = "One way (default ${DEFAULT-VALUE}).")
    private Duration delay = Duration.ZERO;

    @Option(
        names = "--loss",
        defaultValue = "0",
        description = "Percent of the packets, as TCP sees them (default ${DEFAULT-VALUE}).")
    private double loss;

    @Option(
        names = "--seed",
        defaultValue = "1",
        description = "Of the losses (default ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
        names = "--duration",
        defaultValue = "1h",
        converter = OptionForms.OfDuration.class,
        description = "How long (default ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ZERO;

    @Override
    public Integer call() throws IOException, InterruptedException {
      PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
      try (WanRelay relay = open()) {
        out.println("relaying 127.0.0.1:" + relay.port() + " to " + to);
        out.flush();
        var _ = new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS);
        out.printf(
            "%d connections, %d bytes, %d segments lost%n",
            relay.connections(), relay.bytes(), relay.losses());
        out.flush();
      }
      return CommandLine.ExitCode.OK;
    }

    private WanRelay open() throws IOException {
      try {
        int colon = to.lastIndexOf(':');
        if (colon < 1) {
          throw new IllegalArgumentException("to: " + to + " (expected: HOST:PORT)");
        }
        InetSocketAddress target =
            new InetSocketAddress(
                to.substring(0, colon), Integer.parseInt(to.substring(colon + 1)));
        return WanRelay.start(target, new LineConditions(rate, delay, loss), port, seed);
      } catch (IllegalArgumentException e) {
        throw BenchCommand.wrongUse(spec, e);
      }
    }
  }
}
