package dev.sluice.balancer.membership;

import dev.sluice.chassis.lifecycle.Backoff;
import dev.sluice.cluster.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file of a balancer's state. A damaged one is not taken for an empty one: approvals would be
 * lost without a word, and removed nodes would be back ({@code docs/decisions/0036}).
 *
 * <p>Threading: any thread may ask for a write; one virtual thread writes, and what is asked for
 * meanwhile is one further write.
 */
final class StateFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StateFile.class);
  private static final String FILE = "balancer-state.json";
  private static final long LARGEST = 64 << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES).build();

  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

  private final @Nullable Path file;
  private final Supplier<BalancerState> current;
  private final AtomicReference<@Nullable CompletableFuture<Void>> next = new AtomicReference<>();
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("balancer-state").factory());

  private int failures; // of the writing thread
  private volatile boolean closed;

  /**
   * A file that is not read yet.
   *
   * @param directory empty = nothing is kept
   * @param current asked for what to write, at the time of writing
   */
  StateFile(String directory, Supplier<BalancerState> current) {
    this.file = directory.isEmpty() ? null : Path.of(directory).resolve(FILE);
    this.current = current;
  }

  /**
   * Reads it; nothing is known when there is none.
   *
   * @throws IOException if it is damaged; the message says what to do
   */
  BalancerState read() throws IOException {
    Path source = file;
    if (source == null) {
      log.warn(
          "approvals and drains are kept in memory only and lost with a restart; set"
              + " cluster.stateDirectory");
      return BalancerState.EMPTY;
    }
    try {
      if (Files.size(source) > LARGEST) {
        throw damaged(source, "larger than " + LARGEST + " bytes", null);
      }
      BalancerState read = JSON.readValue(Files.readAllBytes(source), BalancerState.class);
      if (read == null) {
        throw damaged(source, "null", null);
      }
      return read;
    } catch (NoSuchFileException e) {
      return BalancerState.EMPTY;
    } catch (JacksonException e) {
      throw damaged(source, String.valueOf(e.getOriginalMessage()), e);
    } catch (RuntimeException e) {
      throw damaged(source, String.valueOf(e.getMessage()), e);
    }
  }

  private static IOException damaged(Path file, String why, @Nullable Exception cause) {
    return new IOException(
        file
            + ": damaged, so it is not known which nodes were approved, removed and drained: "
            + why.replaceAll("\\s+", " ")
            + " (expected: what this balancer wrote). Put a copy back; or move it away, start,"
            + " approve again what /api/fleet shows as pending, and remove again what was removed",
        cause);
  }

  /**
   * Writes the current state soon. What could not be written is tried again by itself, with
   * back-off.
   *
   * @return done when what is current now is on the disk, or could not be written
   */
  CompletableFuture<Void> save() {
    Path target = file;
    if (target == null) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> waiting = next.compareAndExchange(null, mine);
    if (waiting != null) {
      return waiting;
    }
    writer.execute(() -> write(target, mine));
    return mine;
  }

  private void write(Path target, CompletableFuture<Void> done) {
    next.set(null); // who asks from now on gets a write of its own
    try {
      DurableFile.replace(
          target, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(current.get()));
      failures = 0;
      done.complete(null);
    } catch (IOException | RuntimeException e) {
      log.warn("balancer state not kept file={} reason=\"{}\"", target, e.toString());
      saveLater();
      done.completeExceptionally(new CompletionException(e));
    }
  }

  private void saveLater() {
    failures++;
    Duration wait = BACKOFF.rest(failures, ThreadLocalRandom.current().nextDouble());
    CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              try {
                if (!closed) {
                  save();
                }
              } catch (RejectedExecutionException e) {
                log.debug("closed while a write waited to be tried again");
              }
            });
  }

  /** Waits for the last write. */
  @Override
  public void close() {
    closed = true;
    writer.close();
  }
}
