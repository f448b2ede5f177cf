package dev.sluice.edge;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.CapacityConfig;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.ClusterConfig;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.chassis.config.PlainName;
import dev.sluice.chassis.config.PublicConfig;
import dev.sluice.chassis.config.RtmpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.config.TlsListenerConfig;
import dev.sluice.edge.cache.CacheConfig;
import dev.sluice.edge.live.IngestConfig;
import dev.sluice.edge.live.RelayConfig;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.vod.VodConfig;
import java.nio.file.Path;
import java.util.List;

/** Every setting of an edge. */
public record EdgeConfig(
    @Setting(doc = "Name of this node, unique in the fleet.", example = "eu-1") String id,
    @Setting(doc = "Region of this node.", def = "", example = "eu") String region,
    @Setting(doc = "Where HTTP is served.") HttpConfig http,
    @Setting(doc = "Where RTMP is served.") RtmpConfig rtmp,
    @Setting(doc = "Where HTTP is served with TLS.", def = "port: 8443") TlsListenerConfig https,
    @Setting(doc = "Where RTMP is served with TLS (RTMPS).", def = "port: 1936")
        TlsListenerConfig rtmps,
    @Setting(doc = "The certificate for rtmps and https.") TlsConfig tls,
    @Setting(doc = "What others are told about this node.") PublicConfig advertise,
    @Setting(doc = "What this node may carry.") CapacityConfig capacity,
    @Setting(doc = "How this node joins the fleet.") ClusterConfig cluster,
    @Setting(
            doc = "Networks of proxies whose word on a client's address is taken.",
            def = "",
            example = "127.0.0.0/8, ::1/128")
        List<Cidr> trustedProxies,
    @Setting(
            doc =
                "Token of the operator, to end viewers and publishers, and for viewers' addresses in"
                    + " /api/streams; empty = none are allowed.",
            def = "")
        Secret adminToken,
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
    @Setting(doc = "The live engine.") LiveConfig live,
    @Setting(doc = "Stored files over RTMP.") VodConfig vod) {

  /** Copies the lists and rejects names of nodes and regions that are none. */
  public EdgeConfig {
    PlainName.require("id", id, false);
    PlainName.require("region", region, true);
    tls.require(https.enabled() || rtmps.enabled());
    trustedProxies = List.copyOf(trustedProxies);
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
        id,
        region,
        HttpConfig.of(bind, 0),
        RtmpConfig.of(bind, 0),
        TlsListenerConfig.OFF,
        TlsListenerConfig.OFF,
        TlsConfig.NONE,
        PublicConfig.DERIVED,
        CapacityConfig.DEFAULT,
        ClusterConfig.ALONE,
        List.of(),
        Secret.NONE,
        List.of(HttpRoot.parse(originHttp)),
        "",
        List.of(),
        RelayConfig.of(List.of(originRtmp)),
        IngestConfig.NONE,
        CacheConfig.in(directory.toString(), ByteSize.ofMiB(64)),
        LiveConfig.defaults(),
        VodConfig.defaults());
  }
}
