package dev.sluice.origin.transcode;

import dev.sluice.chassis.lifecycle.Backoff;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvException;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.Publication;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rendition that is made of one stream: starts its process, and again after a while when it
 * ended by itself or hung; about 1 s, then twice that each time, at most a minute.
 *
 * <p>Threading: {@link #run} on a virtual thread, which starts others that write and watch. {@link
 * #end} and {@link #state} by any thread.
 */
final class Transcode implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Transcode.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));
  private static final long GOOD_NANOS = Duration.ofMinutes(1).toNanos();
  private static final Duration FULL_REST = Duration.ofSeconds(5);
  private static final int READ_BYTES = 64 << 10;
  private static final int MOST_SAID = 400;
  private static final long GRACE_MS = 2000;

  private final StreamKey source;
  private final StreamKey rendition;
  private final List<String> command;
  private final LiveHub hub;
  private final EventLoop loop;
  private final Semaphore slots;
  private final Runnable onExit;
  private final SourceQueue queue = new SourceQueue();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile @Nullable Process process;
  private volatile State state;
  private volatile long given; // written by the thread that reads
  private volatile boolean hung;
  private @Nullable Publication publication; // confined to the loop

  /**
   * What {@code /api/node} tells of it.
   *
   * @param state {@code waiting} for a process to be free, {@code running}, {@code resting} after
   *     one ended, or {@code ended}
   * @param pid of the process; 0 without one
   * @param exits times that it ended by itself
   * @param detail what it said last, or why it waits
   */
  record State(String source, String rendition, String state, long pid, int exits, String detail) {
    State now(String word, long as, String said) {
      return new State(source, rendition, word, as, exits, said);
    }

    State exited(String said) {
      return new State(source, rendition, "resting", 0, exits + 1, said);
    }
  }

  /**
   * One that does not run.
   *
   * @param onExit told when a process ended by itself
   */
  Transcode(
      StreamKey source,
      StreamKey rendition,
      List<String> command,
      LiveHub hub,
      EventLoop loop,
      Semaphore slots,
      Runnable onExit) {
    this.source = source;
    this.rendition = rendition;
    this.command = List.copyOf(command);
    this.hub = hub;
    this.loop = loop;
    this.slots = slots;
    this.onExit = onExit;
    this.state = new State(source.toString(), rendition.toString(), "waiting", 0, 0, "");
  }

  State state() {
    return state;
  }

  /** A tag of the source, on its loop. Borrows it. */
  void tag(FlvTag tag) {
    queue.add(tag);
  }

  /** Ends it and its process, soon. */
  void end() {
    over.countDown();
    Process running = process;
    if (running != null) {
      running.destroy();
    }
  }

  private boolean isOver() {
    return over.getCount() == 0;
  }

  @Override
  public void run() {
    int failures = 0;
    try {
      while (!isOver()) {
        if (!slots.tryAcquire()) {
          state = state.now("waiting", 0, "transcode.maxProcesses are running");
          over.await(FULL_REST.toMillis(), TimeUnit.MILLISECONDS);
          continue;
        }
        long since = System.nanoTime();
        String said;
        try {
          said = once();
        } finally {
          slots.release();
        }
        if (!isOver()) {
          failures = System.nanoTime() - since >= GOOD_NANOS ? 1 : failures + 1;
          long restMs = BACKOFF.rest(failures, ThreadLocalRandom.current().nextDouble()).toMillis();
          state = state.exited(said);
          onExit.run();
          log.warn("transcode ended rendition={} retryMs={} said=\"{}\"", rendition, restMs, said);
          over.await(restMs, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      state = state.now("ended", 0, state.detail());
      publish(EndReason.STREAM_ENDED);
    }
  }

  /** Runs one process to its end. Returns what it said last. */
  private String once() throws InterruptedException {
    Process running;
    try {
      running = new ProcessBuilder(command).start();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
    process = running;
    hung = false;
    queue.restart();
    state = state.now("running", running.pid(), "");
    log.info("transcode started rendition={} source={} pid={}", rendition, source, running.pid());
    StringBuilder said = new StringBuilder(); // of the thread that hears, until it is joined
    String fault = "";
    Thread writer = Thread.ofVirtual().name("transcode-in").start(() -> write(running));
    Thread errors = Thread.ofVirtual().name("transcode-err").start(() -> hear(running, said));
    Thread watcher = Thread.ofVirtual().name("transcode-watch").start(() -> watch(running));
    try {
      if (isOver()) {
        running.destroy(); // it was ended while this one was started
      }
      read(running);
    } catch (IOException | FlvException | PublishRefused e) {
      fault = String.valueOf(e.getMessage());
    } finally {
      running.destroy();
      if (!running.waitFor(GRACE_MS, TimeUnit.MILLISECONDS)) {
        running.destroyForcibly().waitFor();
      }
      process = null;
      writer.interrupt();
      writer.join();
      errors.join();
      watcher.join();
      publish(EndReason.CONNECTION_LOST);
    }
    String hangs = hung ? " gave nothing for " + ProcessStall.LIMIT.toSeconds() + " s" : "";
    String all = (said + " " + fault + hangs).strip();
    return all.isEmpty() ? "exit code " + running.exitValue() : all.replaceAll("\\s+", " ");
  }

  private void write(Process to) {
    try (OutputStream out = to.getOutputStream()) {
      ByteBuf header = Unpooled.buffer(FlvFormat.HEADER_BYTES);
      FlvFormat.writeHeader(header, true, true);
      header.readBytes(out, header.readableBytes());
      while (to.isAlive()) {
        byte[] bytes = queue.next(500);
        if (bytes != null) {
          out.write(bytes);
          out.flush();
        }
      }
    } catch (IOException e) {
      // The process has ended, which is seen where it is read.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends a process that is sent media and gives nothing: it neither ends nor says a word. */
  private void watch(Process of) {
    ProcessStall stall = new ProcessStall(System.nanoTime());
    long before = queue.added();
    long givenBefore = given;
    try {
      while (!of.waitFor(1, TimeUnit.SECONDS)) {
        if (stall.hangs(queue.added() - before, given - givenBefore, System.nanoTime())) {
          hung = true;
          of.destroyForcibly();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void hear(Process of, StringBuilder said) {
    byte[] some = new byte[1024];
    try (InputStream in = of.getErrorStream()) {
      for (int count = in.read(some); count >= 0; count = in.read(some)) {
        said.append(new String(some, 0, count, StandardCharsets.UTF_8));
        if (said.length() > MOST_SAID) {
          said.delete(0, said.length() - MOST_SAID);
        }
      }
    } catch (IOException e) {
      // Closed with the process.
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // by this thread alone
  private void read(Process from) throws IOException, InterruptedException, PublishRefused {
    byte[] some = new byte[READ_BYTES];
    try (FlvReader reader = new FlvReader();
        InputStream in = from.getInputStream()) {
      for (int count = in.read(some); count >= 0 && !isOver(); count = in.read(some)) {
        given += count;
        List<FlvTag> tags = new ArrayList<>();
        try {
          reader.feed(Unpooled.wrappedBuffer(some, 0, count), tag -> tags.add(tag.retain()));
          if (!tags.isEmpty()) {
            deliver(tags);
          }
        } finally {
          tags.forEach(FlvTag::release);
        }
      }
    }
  }

  /** Waits until they are taken in, so that no more are read than can be. */
  private void deliver(List<FlvTag> tags) throws IOException, InterruptedException, PublishRefused {
    try {
      loop.submit(
              () -> {
                Publication to = publication;
                if (to == null) {
                  PublisherInfo from = PublisherInfo.encoder("transcode of " + source, "ffmpeg");
                  to = hub.publish(rendition, from, loop);
                  publication = to;
                }
                tags.forEach(to::onTag);
                return true;
              })
          .get();
    } catch (RejectedExecutionException e) {
      throw new IOException("the server stops", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PublishRefused refused) {
        throw refused;
      }
      throw new IOException(e.getCause());
    }
  }

  /** Ends what was published. */
  private void publish(EndReason ends) {
    try {
      loop.execute(
          () -> {
            Publication ended = publication;
            publication = null;
            if (ended != null) {
              ended.close(ends);
            }
          });
    } catch (RejectedExecutionException e) {
      // The loops are shut down, and the stream with them.
    }
  }
}
