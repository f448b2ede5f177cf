package dev.sluice.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a node knows of its own drain: the last order that any balancer gave, kept over a restart.
 * Its heartbeats carry it to the other balancers. A file that cannot be read is set aside: the
 * balancers repeat the order with the next heartbeat.
 *
 * <p>Threading: any thread; {@link #heard} may wait for the disk.
 */
public final class NodeDrain {
  private static final Logger log = LoggerFactory.getLogger(NodeDrain.class);
  private static final String FILE = "node-drain.json";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final @Nullable Path file;
  private final InstantSource wall;
  private volatile Optional<DrainOrder> order;

  private NodeDrain(@Nullable Path file, InstantSource wall, Optional<DrainOrder> order) {
    this.file = file;
    this.wall = wall;
    this.order = order;
  }

  /** Knows of no order and keeps none over a restart. */
  static NodeDrain inMemory(InstantSource wall) {
    return new NodeDrain(null, wall, Optional.empty());
  }

  /** Knows what was kept in the directory. */
  static NodeDrain keptIn(Path directory, InstantSource wall) throws IOException {
    Path file = directory.resolve(FILE);
    return new NodeDrain(file, wall, read(file));
  }

  private static Optional<DrainOrder> read(Path file) throws IOException {
    try {
      return Optional.ofNullable(JSON.readValue(Files.readAllBytes(file), DrainOrder.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      Path aside = file.resolveSibling(FILE + ".damaged");
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      log.warn(
          "drain not readable, set aside file={} reason=\"{}\"", aside, e.getOriginalMessage());
      return Optional.empty();
    }
  }

  /** Takes in what a balancer answered to a heartbeat: kept first, then obeyed. */
  public synchronized void heard(HeartbeatAnswer answer) {
    if (answer.drain().isEmpty()) {
      return;
    }
    Optional<DrainOrder> now = DrainOrder.later(order, answer.drain());
    if (now.equals(order)) {
      return;
    }
    DrainOrder taken = now.orElseThrow();
    keep(taken);
    order = now;
    log.info(
        "node {} by=\"{}\" reason=\"{}\"",
        taken.draining() ? "drained" : "undrained",
        taken.by(),
        taken.reason());
  }

  private void keep(DrainOrder taken) {
    if (file == null) {
      return;
    }
    try {
      DurableFile.replace(file, JSON.writeValueAsBytes(taken));
    } catch (IOException e) {
      log.warn("drain not kept over a restart file={} reason=\"{}\"", file, e.toString());
    }
  }

  /** The last order, in force or not: what heartbeats carry. */
  public Optional<DrainOrder> order() {
    return order;
  }

  /** The drain that is in force now; null if there is none. */
  public @Nullable DrainOrder inForce() {
    return order.filter(o -> o.inForce(wall.millis())).orElse(null);
  }
}
