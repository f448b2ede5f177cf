package dev.sluice.node;

import dev.sluice.chassis.config.ClusterConfig;
import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.cluster.HeartbeatLoop;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.HttpHeartbeatSender;
import dev.sluice.cluster.NodeIdentity;
import dev.sluice.cluster.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Tells the balancers of this node while it serves, and hears what they order. */
final class HeartbeatService implements Service {
  private final ClusterConfig config;
  private final NodeReport report;
  private final NodeIdentity identity;
  private final List<HeartbeatSink> sinks;
  private @Nullable HeartbeatLoop loop;

  /**
   * Silent until it is started.
   *
   * @param sinks where heartbeats go besides the balancers of the configuration
   */
  HeartbeatService(
      ClusterConfig config, NodeReport report, NodeIdentity identity, List<HeartbeatSink> sinks) {
    this.config = config;
    this.report = report;
    this.identity = identity;
    this.sinks = sinks;
  }

  /** The report is of a node that is up by now. */
  @Override
  public void start() throws IOException {
    List<HeartbeatSink> all = new ArrayList<>(sinks);
    SSLContext trust =
        config.secure()
            ? ClientTls.trusting("cluster.authorities", config.authorities()).forJdk()
            : null;
    for (HttpRoot balancer : config.balancers()) {
      all.add(
          new HttpHeartbeatSender(
              balancer.toString(), config.token().reveal(), identity.token(), trust));
    }
    loop = new HeartbeatLoop(report::heartbeat, identity.drain()::heard, all, config.heartbeat());
  }

  /** An edge serves on until the balancers know and send nobody more; to others they send none. */
  @Override
  public void drain(Duration limit) {
    report.markDraining();
    boolean told = !sinks.isEmpty() || !config.balancers().isEmpty();
    if (told && report.role() == Role.EDGE) {
      long known = config.heartbeat().toNanos() * 2;
      LockSupport.parkNanos(Math.min(limit.toNanos() / 4, known));
    }
  }

  @Override
  public void close() {
    if (loop != null) {
      loop.close();
    }
  }
}
