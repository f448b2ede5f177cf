package dev.sluice.app;

import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
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
    NodeProcess.run(new Origin(options.load(OriginConfig.class)), options.drain());
    return 0;
  }
}
