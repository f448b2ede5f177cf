package dev.sluice.app;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.chassis.config.ConfigReference;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.origin.OriginConfig;
import java.util.Locale;

/** The servers there are, and the record that configures each. */
enum Roles {
  ORIGIN(OriginConfig.class),
  EDGE(EdgeConfig.class),
  BALANCER(BalancerConfig.class);

  private final Class<? extends Record> config;

  Roles(Class<? extends Record> config) {
    this.config = config;
  }

  Class<? extends Record> config() {
    return config;
  }

  @Override
  public String toString() {
    return word();
  }

  /** As written on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The whole of docs/config.md. */
  static String markdown() {
    StringBuilder out = new StringBuilder(16384);
    out.append(
        """
        # Configuration

        One YAML file per server. Every key can also be set as an environment variable: `http.port`
        is `SLUICE_HTTP_PORT`, `http.maxHeaderBytes` is `SLUICE_HTTP_MAX_HEADER_BYTES`; the variable
        wins. Unknown keys, wrong units and values out of range refuse to start, all faults at once.

        Durations are written `250ms`, `10s`, `5m`, `2h`, `7d`; sizes `64KiB`, `2MiB`, `10GB`; rates
        `600kbit/s`, `1Gbit/s`. A secret may be given as `file:/path`. In a list key, `[]` stands for
        each element; in a map key, `NAME` for a name that you choose.

        Each role has two tables: what an operator sets, and what is right as it is for nearly
        everybody.

        `./sluice config --check FILE` says every fault of a file; `./sluice config --describe ROLE`
        prints what stands here. This page is made from the code by
        `./sluice config --describe --markdown`; a test keeps it true.
        """);
    for (Roles role : values()) {
      out.append("\n## ").append(role.word()).append("\n\n");
      out.append(ConfigReference.markdown(role.config()));
    }
    return out.toString();
  }
}
