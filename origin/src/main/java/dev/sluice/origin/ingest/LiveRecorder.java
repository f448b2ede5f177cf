package dev.sluice.origin.ingest;

import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.metrics.OriginMeters;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records live streams whose names the configuration chooses, and removes old recordings. At the
 * start it makes whole and publishes what an earlier process left unfinished, in the background.
 *
 * <p>Threading: {@link #opened} on any event loop; {@link #start} and {@link #close} block.
 */
public final class LiveRecorder implements StreamListener, Service {
  private static final Logger log = LoggerFactory.getLogger(LiveRecorder.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final RecordingConfig config;
  private final List<StreamPattern> patterns;
  private final RecordingFiles files;
  private final RecordingSweeper sweeper;

  /** Shared by event loops, which add, and recordings, which leave on their own threads. */
  private final Map<Recording, Thread> recordings = new ConcurrentHashMap<>();

  private volatile boolean closed;
  private @Nullable Thread repairs;

  /** A recorder into a store; nothing happens before {@link #start}. */
  public LiveRecorder(RecordingConfig config, FileStore store, Meters meters, InstantSource clock) {
    this.config = config;
    this.patterns = config.names().stream().map(StreamPattern::of).toList();
    this.files = new RecordingFiles(store, clock, meters);
    this.sweeper = new RecordingSweeper(config.retention(), store, clock, meters);
    meters.gauge(OriginMeters.RECORDING, recordings::size);
  }

  @Override
  public void start() throws IOException {
    List<FilePath> left = files.unfinished();
    if (!left.isEmpty()) {
      log.info("recordings left unfinished count={}", left.size());
      repairs =
          Thread.ofVirtual().name("recording-repair").start(() -> left.forEach(files::repair));
    }
    if (config.retention().removes()) {
      sweeper.start();
    }
  }

  @Override
  public StreamListener.@Nullable Sink opened(StreamKey key, PublisherInfo publisher) {
    if (!config.enabled()
        || closed
        || !patterns.stream().anyMatch(pattern -> pattern.fits(key.toString()))) {
      return null;
    }
    Recording recording = new Recording(key, config, files);
    Thread thread =
        Thread.ofVirtual()
            .name("recording-" + key)
            .unstarted(
                () -> {
                  try {
                    recording.run();
                  } finally {
                    recordings.remove(recording);
                    sweeper.wake();
                  }
                });
    recordings.put(recording, thread);
    thread.start();
    return recording;
  }

  /** Ends all recordings and waits until their files are published. */
  @Override
  public void close() {
    closed = true;
    Map<Recording, Thread> left = Map.copyOf(recordings);
    left.keySet().forEach(Recording::end);
    try {
      long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
      for (Thread thread : left.values()) {
        thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
      if (repairs != null) {
        repairs.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
      sweeper.close(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
