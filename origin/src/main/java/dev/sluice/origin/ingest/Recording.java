package dev.sluice.origin.ingest;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recording of one live stream, in one file after another: the next begins at a keyframe when
 * one is long enough or the codec's configuration has changed.
 *
 * <p>Threading: {@link #tag} and {@link #closed} on the stream's event loop, {@link #run} on a
 * virtual thread. Tags cross in a queue that is bounded in bytes by {@link RecordingGate}: a disk
 * that is too slow costs the recording tags, never the stream.
 */
final class Recording implements StreamListener.Sink, Runnable {
  private static final Logger log = LoggerFactory.getLogger(Recording.class);
  private static final long POLL_MS = 200;
  private static final long FLUSH_NANOS = 500_000_000;
  private static final long HEAD_MS = 2000;

  /** A track of which nothing came for so long is not waited for, nor announced in a new file. */
  static final long TRACK_GONE_MS = 30_000;

  private final StreamKey key;
  private final RecordingConfig config;
  private final RecordingFiles files;
  private final RecordingGate gate;
  private final LinkedTransferQueue<FlvTag> queue = new LinkedTransferQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private volatile boolean over;
  private volatile boolean released;

  // Confined to the virtual thread.
  private @Nullable RecordingFile part;
  private SequenceHeaders headers = SequenceHeaders.NONE;
  private boolean video;
  private long videoMs;
  private long audioMs;
  private boolean turning;
  private final DiskRest rest = new DiskRest();
  private long flushedNanos;
  private long syncedNanos;

  Recording(StreamKey key, RecordingConfig config, RecordingFiles files) {
    this.key = key;
    this.config = config;
    this.files = files;
    this.gate = new RecordingGate(config.queue().bytes());
  }

  @Override
  public void tag(FlvTag tag) {
    if (tag.mark()) {
      return;
    }
    if (over || !gate.admits(tag, queuedBytes.get())) {
      files.countDropped(1);
      return;
    }
    queuedBytes.addAndGet(tag.payloadBytes());
    queue.put(tag.retain());
    if (released) {
      drainQueue(); // the writer ended between our look at "over" and the put
    }
  }

  @Override
  public void closed(EndReason reason) {
    over = true;
  }

  /** Ends the recording from any thread; what is queued is still written. */
  void end() {
    over = true;
  }

  @Override
  public void run() {
    try {
      while (true) {
        boolean last = over;
        FlvTag tag = queue.poll(last ? 0 : POLL_MS, TimeUnit.MILLISECONDS);
        if (tag == null && last) {
          return;
        }
        step(tag);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      over = true;
      finishPart();
      release();
    }
  }

  private void step(@Nullable FlvTag tag) {
    try {
      if (tag != null) {
        queuedBytes.addAndGet(-tag.payloadBytes());
        remember(tag);
        write(tag);
      }
      flushWhenDue();
    } catch (IOException e) {
      breakOff(e);
    } finally {
      if (tag != null) {
        tag.release();
      }
    }
  }

  /** Keeps what is whole of the file and lets the disk rest; the stream itself is not held up. */
  private void breakOff(IOException e) {
    DiskFault fault = DiskFault.of(e);
    long nanos = rest.noteFault(System.nanoTime(), ThreadLocalRandom.current().nextDouble());
    files.countFault(fault);
    log.warn(
        "recording broken off stream={} reason={} retryMs={} detail=\"{}\"",
        key,
        fault.word(),
        nanos / 1_000_000,
        e.toString());
    RecordingFile broken = part;
    part = null;
    if (broken != null) {
      files.salvage(broken);
    }
  }

  private void write(FlvTag tag) throws IOException {
    boolean start = !SequenceHeaders.isHeader(tag) && (tag.keyframe() || (!video && !tag.script()));
    if (part != null && start && (turning || full(part))) {
      finishPart();
    }
    if (part == null) {
      boolean resting = rest.resting(System.nanoTime());
      if (!start || resting) {
        // Headers are remembered and written first in the file that begins with a picture.
        files.countDropped(resting ? 1 : 0);
        return;
      }
      turning = false;
      part = files.begin(key);
      flushedNanos = System.nanoTime();
      syncedNanos = flushedNanos;
      begin(part, tag.timestampMs());
    }
    part.add(tag);
  }

  private boolean full(RecordingFile file) {
    return config.length().reached(file.durationMs(), file.bytes());
  }

  /** Writes metadata, and the headers of tracks that still come, or are about to. */
  private void begin(RecordingFile file, long nowMs) throws IOException {
    for (FlvTag metadata : headers.of(TagType.SCRIPT)) {
      file.add(metadata);
    }
    addRecent(file, TagType.VIDEO, videoMs, nowMs);
    addRecent(file, TagType.AUDIO, audioMs, nowMs);
  }

  private void addRecent(RecordingFile file, TagType type, long lastMs, long nowMs)
      throws IOException {
    for (FlvTag header : headers.of(type)) {
      if (nowMs - Math.max(header.timestampMs(), lastMs) <= TRACK_GONE_MS) {
        file.add(header);
      }
    }
  }

  private void remember(FlvTag tag) {
    if (tag.video()) {
      video = true;
      videoMs = tag.timestampMs();
    } else if (tag.audio()) {
      audioMs = tag.timestampMs();
      video &= audioMs - videoMs <= TRACK_GONE_MS; // else no keyframe will come
    }
    if (tag.sequenceHeader() && part != null) {
      turning |= changes(part, tag);
    }
    headers = headers.after(tag);
  }

  /** Within a file one header holds for all: who seeks knows only those at its start. */
  private boolean changes(RecordingFile file, FlvTag header) {
    return headers.has(header) ? !headers.holds(header) : file.durationMs() > HEAD_MS;
  }

  private void flushWhenDue() throws IOException {
    RecordingFile current = part;
    long now = System.nanoTime();
    if (current == null || now - flushedNanos < FLUSH_NANOS) {
      return;
    }
    flushedNanos = now;
    current.flush();
    Duration sync = config.sync();
    if (!sync.isZero() && now - syncedNanos >= sync.toNanos()) {
      syncedNanos = now;
      current.sync();
    }
  }

  private void finishPart() {
    RecordingFile done = part;
    part = null;
    if (done != null) {
      files.publish(done);
    }
  }

  private void drainQueue() {
    for (FlvTag left = queue.poll(); left != null; left = queue.poll()) {
      left.release();
    }
  }

  private void release() {
    released = true;
    drainQueue();
  }
}
