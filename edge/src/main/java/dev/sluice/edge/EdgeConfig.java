package dev.sluice.edge;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.chassis.config.Inlined;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import dev.sluice.edge.beacon.BeaconConfig;
import dev.sluice.edge.cache.CacheConfig;
import dev.sluice.edge.live.IngestConfig;
import dev.sluice.edge.live.RelayConfig;
import dev.sluice.node.NodeConfig;
import java.nio.file.Path;
import java.util.List;

/** The settings of an edge: those of every node, and its own. */
public record EdgeConfig(
    @Inlined NodeConfig node,
    @Setting(
            doc = "Base URLs of the origins for files, in order of preference.",
            example = "http://origin-1.example.net:8081")
        List<HttpRoot> origins,
    @Setting(
            doc =
                "PEM file of the authorities of origins with https; empty = those that Java trusts.",
            def = "",
            example = "/etc/sluice/tls/ca.pem")
        String originAuthorities,
    @Setting(
            doc =
                "Keys of signed URLs: the balancers' redirect.signingKey, and older ones while"
                    + " viewers hold their tokens. Empty = whoever comes may watch.",
            def = "",
            example = "file:/etc/sluice/secrets/signing-key")
        List<Secret> signingKeys,
    @Setting(doc = "How live streams are pulled from the origins.") RelayConfig relay,
    @Setting(doc = "How publishers are taken in and handed on to an origin.") IngestConfig ingest,
    @Setting(doc = "The cache of files.") CacheConfig cache,
    @Setting(doc = "What players tell of what viewers see.") BeaconConfig beacons) {

  /** Copies the lists and rejects a signing key that is empty. */
  public EdgeConfig {
    origins = List.copyOf(origins);
    signingKeys = List.copyOf(signingKeys);
    if (signingKeys.contains(Secret.NONE)) {
      throw new IllegalArgumentException("signingKeys: an empty key (expected: keys with letters)");
    }
  }

  /**
   * An edge on free ports of one address: tests and the demo.
   *
   * @param directory of the cache, which gets 64 MiB
   * @param originHttp base URL of an origin
   * @param originRtmp where that origin serves RTMP
   */
  public static EdgeConfig local(
      String id,
      String region,
      String bind,
      Path directory,
      String originHttp,
      HostPort originRtmp) {
    return new EdgeConfig(
        NodeConfig.local(id, region, bind, Secret.NONE),
        List.of(HttpRoot.parse(originHttp)),
        "",
        List.of(),
        RelayConfig.of(List.of(originRtmp)),
        IngestConfig.NONE,
        CacheConfig.in(directory.toString(), ByteSize.ofMiB(64)),
        BeaconConfig.DEFAULTS);
  }
}
