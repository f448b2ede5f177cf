package dev.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.origin.OriginConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExamplesTest {

  @ParameterizedTest
  @ValueSource(strings = {"eu-1", "eu-2", "us-1"})
  void edgesLoad(String id) throws Exception {
    EdgeConfig config =
        Examples.load(
            EdgeConfig.class,
            id,
            Map.of(
                "SLUICE_CLUSTER_TOKEN",
                "t",
                "SLUICE_CLUSTER_NODE_TOKEN",
                "t",
                "SLUICE_ADMIN_TOKEN",
                "t"));
    assertThat(config.node().id()).isEqualTo(id);
    assertThat(config.node().region()).isEqualTo(id.substring(0, 2));
  }

  @Test
  void originAndBalancerLoad() throws Exception {
    Map<String, String> secrets =
        Map.of(
            "SLUICE_CLUSTER_TOKEN",
            "t",
            "SLUICE_CLUSTER_NODE_TOKEN",
            "t",
            "SLUICE_ADMIN_TOKEN",
            "t",
            "SLUICE_STREAM_KEYS",
            "{\"*\": t}");
    OriginConfig origin = Examples.load(OriginConfig.class, "origin-1", secrets);
    assertThat(origin.streamKeys()).containsKey("*");
    BalancerConfig balancer =
        Examples.load(
            BalancerConfig.class,
            "balancer",
            Map.of(
                "SLUICE_CLUSTER_TOKEN",
                "t",
                "SLUICE_CLUSTER_NODES",
                "{}",
                "SLUICE_ADMIN_TOKEN",
                "t"));
    assertThat(Examples.text("balancer"))
        .contains(
            "eu-1: {role: edge, token: file:secrets/node-token-eu-1, region: eu, egress: 1Gbit/s, sessions:");
    assertThat(balancer.regions()).containsOnlyKeys("eu", "us");
    assertThat(balancer.dns().zone()).isEqualTo("cdn.example");
  }

  @Test
  void portsMoveTogether() {
    DemoPorts ports = DemoPorts.from(20000);
    assertThat(ports.balancerHttp()).isEqualTo(20000);
    assertThat(ports.edgeHttp()).containsExactly(20011, 20012, 20013);
    assertThat(DemoPorts.from(0)).isEqualTo(DemoPorts.FREE);
  }
}
