package dev.sluice.app;

import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs an edge. */
@Command(
    name = "edge",
    description = "Serves viewers: relays live streams and caches files.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExample:%n",
    footer = "  sluice edge --config eu-1.yaml")
final class EdgeCommand implements Callable<Integer> {
  @Mixin private final ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws Exception {
    NodeProcess.run(new Edge(options.load(EdgeConfig.class)), options.drain());
    return 0;
  }
}
