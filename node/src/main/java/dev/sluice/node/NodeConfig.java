package dev.sluice.node;

import dev.sluice.chassis.config.CapacityConfig;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.ClusterConfig;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.HttpsConfig;
import dev.sluice.chassis.config.PlainName;
import dev.sluice.chassis.config.PublicConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.config.TlsListenerConfig;
import dev.sluice.media.hls.live.HlsConfig;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.rtmp.server.RtmpConfig;
import dev.sluice.media.vod.VodConfig;
import java.util.List;

/** The settings that every media node has, inlined in the configuration of its kind. */
public record NodeConfig(
    @Setting(doc = "Name of this node, unique in the fleet.", example = "eu-1") String id,
    @Setting(doc = "Region of this node.", def = "", example = "eu") String region,
    @Setting(doc = "Where HTTP is served.") HttpConfig http,
    @Setting(doc = "Where RTMP is served.") RtmpConfig rtmp,
    @Setting(doc = "Where HTTP is served with TLS.", def = "port: 8443") HttpsConfig https,
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
                "Token of the operator, for what changes something (to end viewers and publishers;"
                    + " at an origin, uploads) and for viewers' addresses in /api/streams; empty ="
                    + " none are allowed.",
            def = "")
        Secret adminToken,
    @Setting(doc = "The live engine.") LiveConfig live,
    @Setting(doc = "Stored files over RTMP.") VodConfig vod,
    @Setting(doc = "Live streams as HLS.") HlsConfig hls) {

  /** Copies the list; rejects names that are none and TLS without a certificate. */
  public NodeConfig {
    PlainName.require("id", id, false);
    PlainName.require("region", region, true);
    tls.require(https.enabled() || rtmps.enabled());
    trustedProxies = List.copyOf(trustedProxies);
  }

  /** A node alone on free ports of one address: tests and the demo. */
  public static NodeConfig local(String id, String region, String bind, Secret adminToken) {
    return new NodeConfig(
        id,
        region,
        HttpConfig.of(bind, 0),
        RtmpConfig.of(bind, 0),
        HttpsConfig.OFF,
        TlsListenerConfig.OFF,
        TlsConfig.NONE,
        PublicConfig.DERIVED,
        CapacityConfig.DEFAULT,
        ClusterConfig.ALONE,
        List.of(),
        adminToken,
        LiveConfig.defaults(),
        VodConfig.defaults(),
        HlsConfig.defaults());
  }

  /** The same with TLS listeners on free ports of one address. */
  public NodeConfig secured(String bind, TlsConfig with) {
    return new NodeConfig(
        id,
        region,
        http,
        rtmp,
        HttpsConfig.of(bind, 0),
        TlsListenerConfig.of(bind, 0),
        with,
        advertise,
        capacity,
        cluster,
        trustedProxies,
        adminToken,
        live,
        vod,
        hls);
  }

  /** Whether anything is served with TLS. */
  boolean secured() {
    return https.enabled() || rtmps.enabled();
  }
}
