package dev.sluice.app;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.node.NodeKind;
import dev.sluice.node.NodeServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A process that is one media node. */
final class NodeProcess {
  private NodeProcess() {}

  /**
   * Runs a node until the process ends.
   *
   * @param drain longest time for viewers at hand
   * @throws Exception if it does not start
   */
  static void run(NodeKind kind, Duration drain) throws Exception {
    EventLoops loops = EventLoops.create(0);
    NodeServer server = new NodeServer(kind, loops, List.of());
    Foreground.run(
        server,
        loops,
        () ->
            new ReadyLine(kind.role().name().toLowerCase(Locale.ROOT), kind.config().id())
                .with("http", server.httpAddress())
                .with("rtmp", server.rtmpAddress())
                .with("https", server.httpsAddress())
                .with("rtmps", server.rtmpsAddress())
                .toString(),
        drain);
  }
}
