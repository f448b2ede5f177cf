package dev.sluice.origin.dvr;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.live.HlsArchive;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes and removes the files of the DVR window.
 *
 * <p>Of a live run what is older than the window goes; a run that is over goes as a whole when the
 * window has passed since its end. When the space is used up the oldest segments of all go: they
 * are not listed from then on, and removed a minute later, or when there is no other room.
 *
 * <p>Threading: {@link #keep} and {@link #later} may be called from any thread; all else happens on
 * one virtual thread. The fields that others read are volatile or atomic.
 */
final class DvrWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DvrWriter.class);

  /** Players may have a list that is so old. */
  private static final long SLACK_MS = 120_000;

  private static final long GOING_NANOS = 60_000_000_000L;
  private static final long SWEEP_MS = 1000;
  private static final long LAST_MS = 10_000;

  /** Of the space, what is in use before the oldest go. */
  private static final double FULL = 0.95;

  private final DvrConfig config;
  private final DvrDisk disk;
  private final Map<StreamKey, CopyOnWriteArrayList<DvrRun>> runs;
  private final Meters meters;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final AtomicLong queued = new AtomicLong();
  private final DiskPause pause = new DiskPause();
  private final ArrayDeque<Going> going = new ArrayDeque<>();
  private long goingBytes;
  private long missed;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger segments = new AtomicInteger();
  private volatile String state = "recording";
  private volatile long sinceMs;
  private volatile boolean closing;
  private volatile boolean stopped;
  private @Nullable Thread thread;

  /** A segment that is not listed any more. */
  private record Going(DvrRun run, DvrSegment saved, long dueNanos) {}

  DvrWriter(
      DvrConfig config,
      DvrDisk disk,
      ConcurrentHashMap<StreamKey, CopyOnWriteArrayList<DvrRun>> runs,
      Meters meters,
      InstantSource clock,
      LongSupplier nanoClock) {
    this.config = config;
    this.disk = disk;
    this.runs = runs;
    this.meters = meters;
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.sinceMs = clock.millis();
    meters.gauge(DvrMeters.BYTES, bytes::get);
    meters.gauge(DvrMeters.SEGMENTS, segments::get);
    meters.gauge(DvrMeters.QUEUED, queued::get);
    meters.gauge(DvrMeters.STOPPED, () -> isRecording() ? 0 : 1);
    for (String result : List.of("written", "disk_full", "disk_error", "stopped", "queue_full")) {
      meters.counter(DvrMeters.KEPT, result);
    }
  }

  private boolean isRecording() {
    return state.equals("recording");
  }

  // ---- any thread

  /** Has a segment written, if there is room in the queue. Takes ownership of the bytes. */
  void keep(DvrRun run, ListedSegment segment, byte[] init, HlsArchive.Facts facts, ByteBuf media) {
    int size = media.readableBytes();
    if (closing || queued.addAndGet(size) > config.queue().bytes()) {
      queued.addAndGet(closing ? 0 : -size);
      media.release();
      count("queue_full");
      return;
    }
    tasks.add(
        () -> {
          try {
            write(run, segment, init, facts, media);
          } finally {
            media.release();
            queued.addAndGet(-size);
          }
        });
  }

  /** Bytes of segments that wait. */
  long queuedBytes() {
    return queued.get();
  }

  /** A run is over. */
  void end(DvrRun run) {
    long nowMs = clock.millis();
    later(() -> run.over(nowMs));
  }

  /** Has something done behind what waits. */
  void later(Runnable task) {
    tasks.add(task);
  }

  private void count(String result) {
    meters.counter(DvrMeters.KEPT, result).increment();
  }

  // ---- before the start

  /** A run that was there. */
  void found(DvrRun run) {
    for (DvrSegment saved : run.kept().values()) {
      bytes.addAndGet(saved.bytes());
      segments.incrementAndGet();
    }
  }

  void start() {
    thread = Thread.ofVirtual().name("dvr-writer").start(this::loop);
  }

  // ---- the writer's thread

  private void loop() {
    long sweptNanos = nanoClock.getAsLong();
    while (!stopped && !(closing && tasks.isEmpty())) {
      try {
        Runnable task = tasks.poll(SWEEP_MS, TimeUnit.MILLISECONDS);
        if (task != null) {
          task.run();
        }
        long now = nanoClock.getAsLong();
        if (task == null || now - sweptNanos >= SWEEP_MS * 1_000_000) {
          sweptNanos = now;
          sweep();
        }
      } catch (InterruptedException e) {
        stopped = true;
      } catch (RuntimeException e) {
        log.error("dvr writer failed at one segment", e);
      }
    }
    stopped = true; // what waits is let go of
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void write(
      DvrRun run, ListedSegment segment, byte[] init, HlsArchive.Facts facts, ByteBuf media) {
    if (stopped) {
      return;
    }
    if (pause.pausing(nanoClock.getAsLong())) {
      missed++;
      count("stopped");
      return;
    }
    try {
      if (!run.hasInit(segment.config())) {
        String name = run.directory() + DvrNames.init(segment.config());
        disk.write(name, ByteBuffer.wrap(init));
        run.addInit(segment.config());
      }
      if (isNews(facts, run.facts())) {
        disk.write(run.directory() + DvrNames.RUN, ByteBuffer.wrap(RunFile.write(facts)));
        run.facts(facts);
      }
      int size = media.readableBytes();
      DvrSegment saved = new DvrSegment(segment, size);
      disk.write(run.directory() + DvrNames.segment(saved), media.nioBuffers());
      run.add(saved);
      bytes.addAndGet(size);
      segments.incrementAndGet();
      count("written");
      if (pause.wrote()) {
        log.info("dvr goes on missed_segments={}", missed);
        missed = 0;
        say("recording");
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  /** The average changes all the time, and is not worth it. */
  private static boolean isNews(HlsArchive.Facts facts, HlsArchive.@Nullable Facts written) {
    return written == null
        || facts.targetSeconds() != written.targetSeconds()
        || facts.independent() != written.independent()
        || facts.variant().bandwidth() > written.variant().bandwidth()
        || !facts.ranges().equals(written.ranges());
  }

  private void failed(IOException e) {
    String word = DiskPause.word(e);
    missed++;
    count(word);
    Duration rest = pause.failed(nanoClock.getAsLong(), ThreadLocalRandom.current().nextDouble());
    if (isRecording()) {
      log.warn(
          "dvr stopped reason={} retry_ms={} said=\"{}\"", word, rest.toMillis(), e.toString());
    }
    say(word);
  }

  private void say(String now) {
    if (!state.equals(now)) {
      state = now;
      sinceMs = clock.millis();
    }
  }

  /** Removes what is too old or too much. */
  void sweep() {
    long nowMs = clock.millis();
    long windowMs = config.window().toMillis();
    for (CopyOnWriteArrayList<DvrRun> all : runs.values()) {
      for (DvrRun run : all) {
        if (run.isOver()) {
          if (nowMs >= run.overMs() + windowMs || run.isEmpty()) {
            remove(all, run);
          }
        } else {
          dropOld(run, windowMs);
        }
      }
    }
    while (bytes.get() - goingBytes > config.size().bytes() * FULL && dropOldest()) {}
    long now = nanoClock.getAsLong();
    while (!going.isEmpty()
        && (now - going.getFirst().dueNanos() >= 0 || bytes.get() > config.size().bytes())) {
      Going one = going.removeFirst();
      goingBytes -= one.saved().bytes();
      delete(one.run(), one.saved());
    }
  }

  private void dropOld(DvrRun run, long windowMs) {
    DvrSegment newest = run.newest();
    if (newest == null) {
      return;
    }
    long beforeMs = newest.segment().endMs() - windowMs - SLACK_MS;
    DvrSegment oldest = run.oldest();
    while (oldest != null && oldest.segment().endMs() < beforeMs) {
      run.goes(oldest);
      delete(run, oldest);
      oldest = run.oldest();
    }
  }

  /** The oldest segment of all goes; false when there is none. */
  private boolean dropOldest() {
    DvrRun of = null;
    DvrSegment first = null;
    for (CopyOnWriteArrayList<DvrRun> all : runs.values()) {
      for (DvrRun run : all) {
        DvrSegment oldest = run.oldest();
        if (oldest != null
            && (first == null || oldest.segment().dateMs() < first.segment().dateMs())) {
          first = oldest;
          of = run;
        }
      }
    }
    if (of == null || first == null) {
      return false;
    }
    of.goes(first);
    going.add(new Going(of, first, nanoClock.getAsLong() + GOING_NANOS));
    goingBytes += first.bytes();
    return true;
  }

  private void delete(DvrRun run, DvrSegment saved) {
    if (!saved.equals(run.saved(saved.segment().msn()))) {
      return; // with its run
    }
    run.gone(saved);
    bytes.addAndGet(-saved.bytes());
    segments.decrementAndGet();
    erase(run.directory() + DvrNames.segment(saved));
  }

  private void remove(CopyOnWriteArrayList<DvrRun> all, DvrRun run) {
    all.remove(run);
    for (DvrSegment saved : List.copyOf(run.all())) {
      delete(run, saved);
    }
    for (long config : run.inits()) {
      erase(run.directory() + DvrNames.init(config));
    }
    erase(run.directory() + DvrNames.RUN);
    String directory = run.directory().substring(0, run.directory().length() - 1);
    erase(directory);
    if (all.isEmpty()) {
      runs.computeIfPresent(run.key(), (key, left) -> left.isEmpty() ? null : left);
      erase(directory.substring(0, directory.lastIndexOf('/')));
    }
  }

  private void erase(String name) {
    try {
      disk.remove(name);
    } catch (IOException e) {
      log.warn("dvr file not removed name={} reason=\"{}\"", name, e.toString());
    }
  }

  // ---- any thread

  DvrState state(Duration window) {
    return DvrState.of(state, sinceMs, window, bytes.get(), config.size().bytes(), runs.values());
  }

  @Override
  public void close() {
    closing = true;
    Thread running = thread;
    if (running == null) {
      stopped = true;
      loop();
      return;
    }
    try {
      if (!running.join(Duration.ofMillis(LAST_MS))) {
        log.warn("dvr queue not written queued_bytes={}", queued.get());
        stopped = true;
        running.join();
      }
    } catch (InterruptedException e) {
      stopped = true;
      Thread.currentThread().interrupt();
    }
  }
}
