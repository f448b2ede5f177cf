package dev.sluice.origin;

import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.auth.StreamKeys;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.Role;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.hls.live.HlsHandlers;
import dev.sluice.media.hls.live.HlsStreams;
import dev.sluice.media.hls.live.HlsViewersApi;
import dev.sluice.media.hls.live.ThumbnailHandler;
import dev.sluice.media.http.DateRangeHandler;
import dev.sluice.media.http.HttpFlvHandler;
import dev.sluice.media.rendition.RenditionNames;
import dev.sluice.media.rtmp.server.RtmpAccess;
import dev.sluice.node.NodeConfig;
import dev.sluice.node.NodeKind;
import dev.sluice.node.NodeParts;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.dvr.DvrStore;
import dev.sluice.origin.files.FilesApi;
import dev.sluice.origin.files.StoredVodFiles;
import dev.sluice.origin.files.local.LocalFileStore;
import dev.sluice.origin.ingest.KeyAuthorizer;
import dev.sluice.origin.ingest.LiveRecorder;
import dev.sluice.origin.ingest.PublishHooks;
import dev.sluice.origin.ingest.StreamLimits;
import dev.sluice.origin.metrics.OriginMeters;
import dev.sluice.origin.transcode.Transcoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An origin: takes live streams in over RTMP and files over HTTP, records streams to files, and
 * gives both to edges and viewers. Several may run in one process, each with its own directory.
 * Everything else about it is that of any node: {@link NodeServer}.
 *
 * <p>Threading: as {@link NodeKind}.
 */
public final class Origin implements NodeKind {
  private final OriginConfig config;

  /** One that does not run yet. */
  public Origin(OriginConfig config) {
    this.config = config;
  }

  /**
   * A server of this kind that does not run yet.
   *
   * @param sinks where heartbeats go besides the balancers of the configuration
   */
  public static NodeServer server(
      OriginConfig config, EventLoops loops, List<? extends HeartbeatSink> sinks) {
    return new NodeServer(new Origin(config), loops, sinks);
  }

  @Override
  public Role role() {
    return Role.ORIGIN;
  }

  @Override
  public NodeConfig config() {
    return config.node();
  }

  @Override
  public Path home() {
    return directory().resolve(".node");
  }

  private Path directory() {
    return Path.of(config.files().directory());
  }

  @Override
  public void open(NodeParts parts) throws Exception {
    Meters meters = parts.meters();
    RenditionNames renditions = new RenditionNames(config.renditions());
    parts.hub().renditions().names(renditions);
    Transcoder transcoder =
        new Transcoder(config.transcode(), renditions, parts.hub(), parts.loops(), meters);
    parts.hub().listen(transcoder);
    parts.above().add(transcoder);
    parts.tells("transcodes", transcoder::states);
    PublishAuthorizer publishers = publishers(parts);
    LocalFileStore store = LocalFileStore.open(directory(), config.files().limits());
    meters.gauge(OriginMeters.STORED, store::bytesInUse);
    LiveRecorder recorder = new LiveRecorder(config.recording(), store, meters, parts.clock());
    parts.hub().listen(recorder);
    parts.below().closing(store).add(recorder);

    parts.routes().get("/live/{name}.flv", new HttpFlvHandler(parts.hub()));
    HlsStreams hls = new HlsStreams(config.node().hls(), parts.hub(), parts.loops(), null, meters);
    if (!config.dvr().window().isZero()) {
      keep(hls, parts);
    }
    parts.hub().listen(hls);
    parts.above().add(hls);
    new HlsHandlers(hls).add(parts.routes(), handler -> handler);
    new ThumbnailHandler(hls).add(parts.routes(), handler -> handler);
    new HlsViewersApi(hls, parts.operator(), false).add(parts.routes());
    new DateRangeHandler(parts.hub(), parts.operator()).add(parts.routes());
    new FilesApi(store, config.files().cacheControl(), parts.operator(), meters)
        .add(parts.routes());
    parts.access(RtmpAccess.of(publishers)).files(new StoredVodFiles(store));
  }

  /** Has segments written to disk, for viewers who go back. */
  private void keep(HlsStreams hls, NodeParts parts) throws IOException {
    String at = config.dvr().directory();
    Path where = at.isEmpty() ? directory().resolve(".dvr") : Path.of(at);
    DvrStore dvr = DvrStore.open(config.dvr(), where, parts.meters(), parts.clock());
    hls.keepIn(dvr);
    parts.below().add(dvr);
    parts
        .routes()
        .operatorGet(
            "/api/dvr",
            exchange -> {
              if (parts.operator().check(exchange)) {
                exchange.json(200, dvr.state());
              }
            });
  }

  /** Those with a key, and of them those that the hooks let in, if there are any. */
  private PublishAuthorizer publishers(NodeParts parts) throws IOException {
    PublishHooks.register(parts.meters());
    PublishAuthorizer keys =
        new KeyAuthorizer(
            new StreamKeys(config.streamKeys()),
            new PublishTokens(config.publishSecrets()),
            new StreamLimits(config.streamLimits()),
            !config.hooks().publish().isEmpty(),
            parts.clock(),
            config.publishLogin());
    if (!config.hooks().any()) {
      return keys;
    }
    PublishHooks hooks = new PublishHooks(config.hooks(), keys, parts.loops(), parts.meters());
    parts.below().closing(hooks);
    return hooks;
  }
}
