package dev.sluice.origin;

import dev.sluice.chassis.auth.StreamKeys;
import dev.sluice.chassis.config.CapacityConfig;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.ClusterConfig;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.PlainName;
import dev.sluice.chassis.config.PublicConfig;
import dev.sluice.chassis.config.RtmpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.config.TlsListenerConfig;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.vod.VodConfig;
import dev.sluice.origin.files.FilesConfig;
import dev.sluice.origin.ingest.HooksConfig;
import dev.sluice.origin.ingest.RecordingConfig;
import dev.sluice.origin.ingest.StreamLimitsConfig;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every setting of an origin. */
public record OriginConfig(
    @Setting(doc = "Name of this node, unique in the fleet.", example = "origin-1") String id,
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
                "Token of the operator, for uploads and other changes, and for viewers' addresses"
                    + " in /api/streams; empty = none are allowed.",
            def = "")
        Secret adminToken,
    @Setting(
            doc =
                "Stream keys by name or app/name, where * stands for any characters but a slash;"
                    + " without any nobody can publish.",
            example = "live/team-*: file:/etc/sluice/team.key")
        Map<String, Secret> streamKeys,
    @Setting(
            doc =
                "Secrets of publish tokens (?token=, made by `sluice token publish`): the first"
                    + " signs, any is good; empty = no tokens.",
            def = "",
            example = "file:/etc/sluice/publish.secret")
        List<Secret> publishSecrets,
    @Setting(
            doc =
                "Apps whose encoders are asked for user and password when they connect"
                    + " (rtmp://USER:PASSWORD@HOST/APP/NAME): the password is the stream key of"
                    + " live/NAME, which is what they publish, and the user anything. Encoders of such an app that have neither show their key in"
                    + " the app's address (APP?key=KEY).",
            def = "",
            example = "login")
        List<String> publishLogin,
    @Setting(
            doc =
                "Limits of publishers by name or app/name as in streamKeys; the first that fits"
                    + " counts.")
        Map<String, StreamLimitsConfig> streamLimits,
    @Setting(doc = "Whom this origin asks about publishers.") HooksConfig hooks,
    @Setting(doc = "The stored files.") FilesConfig files,
    @Setting(doc = "Recording of live streams.") RecordingConfig recording,
    @Setting(doc = "The live engine.") LiveConfig live,
    @Setting(doc = "Stored files over RTMP.") VodConfig vod) {

  /** Copies the collections; rejects names that are none and a stream key that is empty. */
  public OriginConfig {
    PlainName.require("id", id, false);
    PlainName.require("region", region, true);
    tls.require(https.enabled() || rtmps.enabled());
    StreamKeys.check(streamKeys);
    trustedProxies = List.copyOf(trustedProxies);
    streamKeys = Map.copyOf(streamKeys);
    publishSecrets = List.copyOf(publishSecrets);
    publishLogin = List.copyOf(publishLogin);
    streamLimits = Collections.unmodifiableMap(new LinkedHashMap<>(streamLimits));
  }

  /**
   * An origin on free ports of one address, with one key for all streams: tests and the demo.
   *
   * @param directory of the files
   * @param secret admin token and stream key
   */
  public static OriginConfig local(String id, String bind, Path directory, String secret) {
    return new OriginConfig(
        id,
        "",
        HttpConfig.of(bind, 0),
        RtmpConfig.of(bind, 0),
        TlsListenerConfig.OFF,
        TlsListenerConfig.OFF,
        TlsConfig.NONE,
        PublicConfig.DERIVED,
        CapacityConfig.DEFAULT,
        ClusterConfig.ALONE,
        List.of(),
        Secret.of(secret),
        Map.of("*", Secret.of(secret)),
        List.of(),
        List.of(),
        Map.of(),
        HooksConfig.NONE,
        FilesConfig.in(directory),
        RecordingConfig.off(),
        LiveConfig.defaults(),
        VodConfig.defaults());
  }

  /** The same with TLS listeners on free ports of one address. */
  public OriginConfig secured(String bind, TlsConfig with) {
    return new OriginConfig(
        id,
        region,
        http,
        rtmp,
        TlsListenerConfig.of(bind, 0),
        TlsListenerConfig.of(bind, 0),
        with,
        advertise,
        capacity,
        cluster,
        trustedProxies,
        adminToken,
        streamKeys,
        publishSecrets,
        publishLogin,
        streamLimits,
        hooks,
        files,
        recording,
        live,
        vod);
  }

  /** The same with recording as given. */
  public OriginConfig recording(RecordingConfig as) {
    return new OriginConfig(
        id,
        region,
        http,
        rtmp,
        https,
        rtmps,
        tls,
        advertise,
        capacity,
        cluster,
        trustedProxies,
        adminToken,
        streamKeys,
        publishSecrets,
        publishLogin,
        streamLimits,
        hooks,
        files,
        as,
        live,
        vod);
  }
}
