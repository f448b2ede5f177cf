package dev.sluice.app;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.balancer.BalancerServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a balancer. */
@Command(
    name = "balancer",
    description = "Sends viewers to edges by DNS and by HTTP, and shows the fleet.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExample:%n",
    footer = "  sluice balancer --config balancer.yaml")
final class BalancerCommand implements Callable<Integer> {
  @Mixin private final ServerOptions options = new ServerOptions();

  @Override
  public Integer call() throws Exception {
    BalancerConfig config = options.load(BalancerConfig.class);
    EventLoops loops = EventLoops.create(0);
    BalancerServer server = new BalancerServer(config, loops);
    Foreground.run(
        server,
        loops,
        () ->
            new ReadyLine("balancer", config.id())
                .with("http", server.httpAddress())
                .with("https", server.httpsAddress())
                .with("dns", server.dnsAddress())
                .toString(),
        options.drain());
    return 0;
  }
}
