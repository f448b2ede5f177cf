package dev.sluice.app;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.edge.EdgeServer;
import java.util.List;
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
    EdgeConfig config = options.load(EdgeConfig.class);
    EventLoops loops = EventLoops.create(0);
    EdgeServer server = new EdgeServer(config, loops, List.of());
    Foreground.run(
        server,
        loops,
        () ->
            new ReadyLine("edge", config.id())
                .with("http", server.httpAddress())
                .with("rtmp", server.rtmpAddress())
                .with("https", server.httpsAddress())
                .with("rtmps", server.rtmpsAddress())
                .toString(),
        options.drain());
    return 0;
  }
}
