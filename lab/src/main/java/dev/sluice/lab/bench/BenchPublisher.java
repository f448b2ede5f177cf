package dev.sluice.lab.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a stream in real time over RTMP and stamps the send time into each video frame.
 *
 * <p>Threading: its own thread between {@link #start} and {@link #close}; the counters may be read
 * from any thread.
 */
public final class BenchPublisher implements AutoCloseable {
  /** The name of the stream that needs no file. */
  public static final String SYNTHETIC = "synthetic";

  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final StreamUrl url;
  private final FrameSource source;
  private final Histogram lateness = new Histogram();
  private volatile boolean running;
  private volatile @Nullable IOException failure;
  private final LongAdder frames = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private @Nullable PublishConnection connection;
  private @Nullable Thread thread;

  private BenchPublisher(StreamUrl url, FrameSource source) {
    this.url = url;
    this.source = source;
  }

  /**
   * Prepares a publisher.
   *
   * @param clip an FLV file or {@link #SYNTHETIC}
   * @param bitsPerSecond of the synthetic stream
   * @throws IOException when the file cannot be played
   * @throws IllegalArgumentException for an HTTP URL or a rate too low
   */
  public static BenchPublisher of(StreamUrl url, String clip, long bitsPerSecond)
      throws IOException {
    if (!url.rtmp()) {
      throw new IllegalArgumentException("url: " + url + " (expected: rtmp:// to publish)");
    }
    FrameSource source =
        clip.equals(SYNTHETIC) ? new SyntheticStream(bitsPerSecond) : new ClipStream(Path.of(clip));
    return new BenchPublisher(url, source);
  }

  /**
   * Connects, then publishes until closed.
   *
   * @throws IOException when the server refuses
   */
  public void start() throws IOException {
    PublishConnection opened = new PublishConnection(url);
    connection = opened;
    running = true;
    thread = Thread.ofPlatform().name("bench-publisher").daemon().start(() -> run(opened));
  }

  private void run(PublishConnection to) {
    long start = System.nanoTime();
    try {
      for (Frame header : source.headers()) {
        to.send(header);
      }
      int videoFrames = 0;
      while (running) {
        Frame frame = source.next();
        long due = start + frame.timestampMs * 1_000_000;
        for (long left = due - System.nanoTime(); left > 0 && running; ) {
          LockSupport.parkNanos(left);
          left = due - System.nanoTime();
        }
        long now = System.nanoTime();
        videoFrames += frame.stamp(now, videoFrames) ? 1 : 0;
        lateness.record(now - due);
        count(to.send(frame));
      }
    } catch (IOException e) {
      if (running) {
        failure = e;
      }
    }
    running = false;
  }

  private void count(int sent) {
    frames.increment();
    bytes.add(sent);
  }

  /** False before the start and after an end of any kind. */
  public boolean running() {
    return running;
  }

  /** Why it ended by itself, or null. */
  public @Nullable IOException failure() {
    return failure;
  }

  /**
   * Ends the stream, so that the server need not wait for its return, and closes.
   *
   * @throws IOException when the connection is broken already
   */
  public void end() throws IOException {
    running = false;
    joinThread(); // its last message must not be cut in two
    if (connection != null) {
      connection.sayGoodbye();
    }
    close();
  }

  /** One line on what was sent; the lateness is exact only after the end. */
  public String summary() {
    Timing late = Timing.of(lateness);
    return String.format(
        Locale.ROOT,
        "%s: %d frames, %d bytes sent; late against the timestamps p50 %.1f p99 %.1f max %.1f ms",
        url,
        frames.sum(),
        bytes.sum(),
        late.p50(),
        late.p99(),
        late.max());
  }

  @Override
  public void close() throws IOException {
    running = false;
    if (connection != null) {
      connection.close();
    }
    joinThread();
  }

  private void joinThread() {
    if (thread != null) {
      LockSupport.unpark(thread);
      try {
        thread.join(STOP_LIMIT);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
