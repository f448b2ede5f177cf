package dev.sluice.node;

import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Inlined;
import dev.sluice.chassis.config.Setting;
import dev.sluice.cluster.Role;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A third kind of node, whole: it shows one sentence, which everybody may ask for. */
final class PictureFrame implements NodeKind {

  /** Its settings: those of every node, and its own. */
  record Config(
      @Inlined NodeConfig node,
      @Setting(doc = "What is shown.", def = "a tree") String picture,
      @Setting(doc = "Where it is kept.") String directory) {}

  private final Config config;
  private final AtomicBoolean open = new AtomicBoolean();

  PictureFrame(Config config) {
    this.config = config;
  }

  /** One on loopback; HTTP is served on the port, where 0 takes a free one. */
  static PictureFrame in(Path directory, int port, String yaml) {
    String listeners =
        """
        id: frame-1
        region: eu
        http: {bind: 127.0.0.1}
        rtmp: {bind: 127.0.0.1, port: 0}
        adminToken: operator
        """;
    Map<String, String> env =
        Map.of("SLUICE_DIRECTORY", directory.toString(), "SLUICE_HTTP_PORT", "" + port);
    return new PictureFrame(ConfigLoader.load(Config.class, listeners + yaml, "frame.yaml", env));
  }

  @Override
  public Role role() {
    return Role.EDGE;
  }

  @Override
  public NodeConfig config() {
    return config.node();
  }

  @Override
  public Path home() {
    return Path.of(config.directory());
  }

  @Override
  public void open(NodeParts parts) {
    parts.routes().get("/picture", ex -> ex.respond(200, "text/plain", config.picture()));
    open.set(true);
    parts.below().closing(() -> open.set(false));
    parts.deliveries(() -> 7).tells("picture", config::picture);
  }

  boolean isOpen() {
    return open.get();
  }
}
