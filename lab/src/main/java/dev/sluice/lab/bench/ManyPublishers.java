package dev.sluice.lab.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Publishes many streams at once, {@code NAME-0}, {@code NAME-1} and so on, with as little work as
 * can be: a frame, and the sound since the one before, is encoded once for a group of streams and
 * written to each with one system call, as an encoder that flushes each picture would.
 *
 * <p>The groups are at different places in their GOP, so that keyframes of all streams do not come
 * at the same moment.
 *
 * <p>Threading: one thread writes between {@link #start} and {@link #close}; a server that does not
 * read stops it, which the lateness shows.
 */
public final class ManyPublishers implements AutoCloseable {
  private static final int GROUPS = 25;
  private static final long GROUP_OFFSET_NANOS = 81_600_000; // two frames and a bit
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final StreamUrl url;
  private final int streams;
  private final long bitsPerSecond;
  private final List<Group> groups = new ArrayList<>();
  private final Histogram lateness = new Histogram();
  private volatile boolean running;
  private volatile @Nullable IOException failure;
  private final LongAdder sentBytes = new LongAdder();
  private @Nullable Thread thread;

  /** Some streams that are at the same place. Confined to the writing thread. */
  private static final class Group {
    final SyntheticStream source;
    final List<PublishConnection> connections = new ArrayList<>();
    final long startNanos;
    final List<Frame> batch = new ArrayList<>();
    int videoFrames;
    long dueNanos;

    Group(SyntheticStream source, long startNanos) {
      this.source = source;
      this.startNanos = startNanos;
    }

    /** Gathers frames up to and with the next video frame. */
    void gather() {
      batch.clear();
      Frame frame;
      do {
        frame = source.next();
        batch.add(frame);
      } while (frame.type != MediaSink.VIDEO);
      dueNanos = startNanos + frame.timestampMs * 1_000_000;
    }
  }

  /**
   * Prepares them.
   *
   * @throws IllegalArgumentException for an HTTP URL, a rate too low or no streams
   */
  public ManyPublishers(StreamUrl url, int streams, long bitsPerSecond) {
    if (!url.rtmp() || streams < 1) {
      throw new IllegalArgumentException(
          "url, streams: " + url + ", " + streams + " (expected: rtmp:// and 1 or more)");
    }
    this.url = url;
    this.streams = streams;
    this.bitsPerSecond = bitsPerSecond;
    new SyntheticStream(bitsPerSecond); // says what is wrong with the rate
  }

  /**
   * Connects all, then publishes until closed.
   *
   * @throws IOException when the server refuses one
   */
  public void start() throws IOException {
    int count = Math.min(GROUPS, streams);
    long first = System.nanoTime();
    for (int i = 0; i < count; i++) {
      groups.add(new Group(new SyntheticStream(bitsPerSecond), first + i * GROUP_OFFSET_NANOS));
    }
    List<PublishConnection> all = new ArrayList<>();
    try {
      for (int i = 0; i < streams; i++) {
        PublishConnection connection = new PublishConnection(url.numbered(i));
        all.add(connection);
        for (Frame header : groups.get(i % count).source.headers()) {
          connection.send(header);
        }
      }
    } catch (IOException e) {
      for (PublishConnection connection : all) {
        connection.close();
      }
      throw e;
    }
    // The clock starts when all are there.
    long late = System.nanoTime() - first;
    for (int i = 0; i < count; i++) {
      Group early = groups.get(i);
      Group group = new Group(early.source, early.startNanos + late);
      for (int n = i; n < streams; n += count) {
        group.connections.add(all.get(n));
      }
      groups.set(i, group);
    }
    running = true;
    thread = Thread.ofPlatform().name("bench-publishers").daemon().start(this::run);
  }

  private void run() {
    PriorityQueue<Group> due =
        new PriorityQueue<>(Comparator.comparingLong((Group group) -> group.dueNanos));
    for (Group group : groups) {
      group.gather();
      due.add(group);
    }
    try {
      while (running) {
        Group next = due.remove();
        for (long left = next.dueNanos - System.nanoTime(); left > 0 && running; ) {
          LockSupport.parkNanos(left);
          left = next.dueNanos - System.nanoTime();
        }
        lateness.record(System.nanoTime() - next.dueNanos);
        write(next);
        next.gather();
        due.add(next);
      }
    } catch (IOException e) {
      if (running) {
        failure = e;
      }
    }
    running = false;
  }

  private void write(Group group) throws IOException {
    for (Frame frame : group.batch) {
      group.videoFrames += frame.stamp(System.nanoTime(), group.videoFrames) ? 1 : 0;
    }
    byte[] encoded = PublishConnection.encode(group.batch);
    for (PublishConnection connection : group.connections) {
      connection.write(encoded);
    }
    sentBytes.add((long) encoded.length * group.connections.size());
  }

  /** False before the start and after an end of any kind. */
  public boolean running() {
    return running;
  }

  /** Why it ended by itself, or null. */
  public @Nullable IOException failure() {
    return failure;
  }

  /** One line on what was sent; the lateness is exact only after the end. */
  public String summary() {
    Timing late = Timing.of(lateness);
    return String.format(
        Locale.ROOT,
        "%s: %d streams, %d bytes sent; late against the timestamps p50 %.1f p99 %.1f max %.1f ms",
        url,
        streams,
        sentBytes.sum(),
        late.p50(),
        late.p99(),
        late.max());
  }

  @Override
  public void close() throws IOException {
    running = false;
    Thread writing = thread;
    if (writing != null) {
      LockSupport.unpark(writing);
    }
    for (Group group : groups) {
      for (PublishConnection connection : group.connections) {
        connection.close();
      }
    }
    if (writing != null) {
      try {
        writing.join(STOP_LIMIT);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
