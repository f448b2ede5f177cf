package dev.sluice.app;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.origin.OriginConfig;
import dev.sluice.origin.OriginServer;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs an origin. */
@Command(
    name = "origin",
    description = "Takes in live streams over RTMP and files over HTTP.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExample:%n",
    footer = "  sluice origin --config origin-1.yaml")
final class OriginCommand implements Callable<Integer> {
  @Mixin private final ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws Exception {
    OriginConfig config = options.load(OriginConfig.class);
    EventLoops loops = EventLoops.create(0);
    OriginServer server = new OriginServer(config, loops, List.of());
    Foreground.run(
        server,
        loops,
        () ->
            new ReadyLine("origin", config.id())
                .with("http", server.httpAddress())
                .with("rtmp", server.rtmpAddress())
                .with("https", server.httpsAddress())
                .with("rtmps", server.rtmpsAddress())
                .toString(),
        options.drain());
    return 0;
  }
}
