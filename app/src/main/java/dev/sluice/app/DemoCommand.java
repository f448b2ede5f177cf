package dev.sluice.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoGuide;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.app.demo.DemoPorts;
import dev.sluice.chassis.lifecycle.ListenException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a whole CDN in this process. */
@Command(
    name = "demo",
    description = {
      "Runs one origin, three edges in two regions and one balancer in this process, with a clip"
          + " published as live/demo and stored as vod/demo.flv. Ctrl-C stops all."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sluice demo                       on loopback, ports 8080, 8081, 8091 to 8093",
      "  sluice demo --bind 192.0.2.7      for other machines too",
      "  sluice demo --port-base 20000     on other ports; 0 takes free ones",
      "  sluice demo --data /tmp/demo      files and caches stay there"
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = {
        "Address to listen on (default ${DEFAULT-VALUE}).",
        "Whoever reaches it can publish and upload: the demo's key and token are known."
      })
  private String bind = "127.0.0.1";

  @Option(
      names = "--port-base",
      paramLabel = "N",
      description = "First of the ports; 0 takes free ports.")
  private @Nullable Integer portBase;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Keeps files and caches there; otherwise they are removed at the end.")
  private @Nullable Path data;

  @Option(names = "--verbose", description = "Logs connections and streams.")
  private boolean verbose;

  @Option(
      names = "--rehearse",
      hidden = true,
      description = "Starts, stops and ends; the launcher records which classes that takes.")
  private boolean rehearse;

  @Override
  public Integer call() throws Exception {
    Integer base = portBase;
    DemoPorts ports;
    try {
      ports = base == null ? DemoPorts.STANDARD : DemoPorts.from(base);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          java.util.Objects.requireNonNull(spec).commandLine(), e.getMessage(), e);
    }
    if (!verbose) {
      ((Logger) LoggerFactory.getLogger("dev.sluice")).setLevel(Level.WARN);
    }
    boolean ownAddresses = base == null && bind.startsWith("127.");
    DemoOptions options = new DemoOptions(bind, ports, ownAddresses, true, data);
    if (rehearse) {
      DemoFleet.start(options).close();
      return 0;
    }
    DemoFleet fleet = Foreground.start(() -> start(options), DemoFleet::close);
    String ready =
        new ReadyLine("demo", "demo")
            .with("http", fleet.balancer().httpAddress())
            .with("rtmp", fleet.origin().rtmpAddress())
            .with("dns", fleet.balancer().dnsAddress())
            .toString();
    Foreground.untilToldToStop(DemoGuide.of(fleet) + "\n" + ready);
    return 0;
  }

  private static DemoFleet start(DemoOptions options) throws Exception {
    try {
      return DemoFleet.start(options);
    } catch (ListenException e) {
      throw new ListenException(
          e.getMessage() + "; for other ports: sluice demo --port-base 20000", e);
    }
  }
}
