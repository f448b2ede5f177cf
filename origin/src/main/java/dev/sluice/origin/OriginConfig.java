package dev.sluice.origin;

import dev.sluice.chassis.auth.StreamKeys;
import dev.sluice.chassis.config.Inlined;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.media.rendition.RenditionNames;
import dev.sluice.node.NodeConfig;
import dev.sluice.origin.dvr.DvrConfig;
import dev.sluice.origin.files.FilesConfig;
import dev.sluice.origin.ingest.HooksConfig;
import dev.sluice.origin.ingest.RecordingConfig;
import dev.sluice.origin.ingest.StreamLimitsConfig;
import dev.sluice.origin.transcode.TranscodeConfig;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings of an origin: those of every node, and its own. */
public record OriginConfig(
    @Inlined NodeConfig node,
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
    @Setting(
            doc =
                "Endings of names of streams that are renditions of one picture. With _720 and"
                    + " _480, NAME, NAME_720 and NAME_480 are listed together at /live/NAME.m3u8,"
                    + " as far as their keyframes are at the same times; empty = none.",
            def = "",
            example = "_1080")
        List<String> renditions,
    @Setting(doc = "Renditions that ffmpeg makes here of live streams.") TranscodeConfig transcode,
    @Setting(doc = "Whom this origin asks about publishers.") HooksConfig hooks,
    @Setting(doc = "The stored files.") FilesConfig files,
    @Setting(doc = "Recording of live streams.") RecordingConfig recording,
    @Setting(doc = "How far viewers can go back in live streams.") DvrConfig dvr) {

  /** Copies the collections and rejects a stream key that is empty. */
  public OriginConfig {
    StreamKeys.check(streamKeys);
    streamKeys = Map.copyOf(streamKeys);
    publishSecrets = List.copyOf(publishSecrets);
    publishLogin = List.copyOf(publishLogin);
    renditions = new RenditionNames(renditions).endings();
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
        NodeConfig.local(id, "", bind, Secret.of(secret)),
        Map.of("*", Secret.of(secret)),
        List.of(),
        List.of(),
        Map.of(),
        List.of(),
        TranscodeConfig.NONE,
        HooksConfig.NONE,
        FilesConfig.in(directory),
        RecordingConfig.off(),
        DvrConfig.off());
  }

  /** The same with TLS listeners on free ports of one address. */
  public OriginConfig secured(String bind, TlsConfig with) {
    return with(node.secured(bind, with), recording, dvr);
  }

  /** The same with renditions as given. */
  public OriginConfig renditions(List<String> endings, TranscodeConfig made) {
    return new OriginConfig(
        node,
        streamKeys,
        publishSecrets,
        publishLogin,
        streamLimits,
        endings,
        made,
        hooks,
        files,
        recording,
        dvr);
  }

  /** The same with recording as given. */
  public OriginConfig recording(RecordingConfig as) {
    return with(node, as, dvr);
  }

  /** The same with a DVR window as given. */
  public OriginConfig dvr(DvrConfig as) {
    return with(node, recording, as);
  }

  private OriginConfig with(NodeConfig of, RecordingConfig as, DvrConfig with) {
    return new OriginConfig(
        of,
        streamKeys,
        publishSecrets,
        publishLogin,
        streamLimits,
        renditions,
        transcode,
        hooks,
        files,
        as,
        with);
  }
}
