package dev.sluice.lab.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Publishers that come and go: each stream, {@code NAME-0} and so on, is published for a while,
 * away for a while, and so on. Every other time it says that it ends; else its line just breaks.
 *
 * <p>Threading: {@link #run} works in its caller; the counters may be read from any thread.
 */
public final class ReconnectingPublishers {
  private static final long POLL_NANOS = 50_000_000;
  private static final int SEED = 1;

  private final StreamUrl url;
  private final int streams;
  private final long bitsPerSecond;
  private final Duration stay;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final LongAdder published = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /** One stream. Confined to the running thread. */
  private final class Seat {
    final StreamUrl target;
    @Nullable BenchPublisher publisher;
    long nextNanos;
    int turns;

    Seat(StreamUrl target, long nextNanos) {
      this.target = target;
      this.nextNanos = nextNanos;
    }

    void change(long now) throws IOException {
      BenchPublisher there = publisher;
      publisher = null;
      turns++;
      if (there != null) {
        leave(there);
        nextNanos = now + drawn(stay.dividedBy(2));
        return;
      }
      BenchPublisher coming = BenchPublisher.of(target, BenchPublisher.SYNTHETIC, bitsPerSecond);
      try {
        coming.start();
        publisher = coming;
        published.increment();
      } catch (IOException e) {
        refused.increment();
      }
      nextNanos = now + drawn(stay);
    }

    private void leave(BenchPublisher there) throws IOException {
      if (turns % 4 == 0 && there.running()) {
        there.end();
      } else {
        there.close();
      }
    }
  }

  /**
   * Prepares them.
   *
   * @param stay how long one publishes, from half to one and a half of it; it is away half as long
   * @throws IllegalArgumentException for an HTTP URL, a rate too low or no streams
   */
  public ReconnectingPublishers(StreamUrl url, int streams, long bitsPerSecond, Duration stay) {
    if (!url.rtmp() || streams < 1 || stay.toMillis() < 1) {
      throw new IllegalArgumentException(
          "url, streams: " + url + ", " + streams + " (expected: rtmp:// and 1 or more)");
    }
    this.url = url;
    this.streams = streams;
    this.bitsPerSecond = bitsPerSecond;
    this.stay = stay;
    new SyntheticStream(bitsPerSecond); // says what is wrong with the rate
  }

  /**
   * Lets them come and go.
   *
   * @throws IOException when a connection cannot be closed
   */
  public void run(Duration duration) throws IOException {
    long start = System.nanoTime();
    List<Seat> seats = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      seats.add(new Seat(url.numbered(i), start));
    }
    try {
      long now = start;
      while (now - start < duration.toNanos() && !Thread.currentThread().isInterrupted()) {
        for (Seat seat : seats) {
          if (now - seat.nextNanos >= 0) {
            seat.change(now);
          }
        }
        LockSupport.parkNanos(POLL_NANOS);
        now = System.nanoTime();
      }
    } finally {
      for (Seat seat : seats) {
        if (seat.publisher != null) {
          seat.publisher.close();
        }
      }
    }
  }

  private long drawn(Duration usual) {
    return (long) (usual.toNanos() * (0.5 + random.nextDouble()));
  }

  /** One line on what they did. */
  public String summary() {
    return "%s: %d streams, published %d times, refused %d times"
        .formatted(url, streams, published.sum(), refused.sum());
  }
}
