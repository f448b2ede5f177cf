package dev.sluice.chassis.log;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * One kind of repeated trouble, such as malformed packets: the first is logged at once, further
 * ones are counted, and there is at most one line a second, with the count since the line before
 * and the newest case. What is counted and not yet said comes with the next line.
 *
 * <p>Threading: any thread, without locks.
 */
public final class RateLimitedLog {
  private static final long PAUSE_NANOS = 1_000_000_000;
  private static final int LONGEST_DETAIL = 200;

  private final Sink sink;
  private final LongSupplier nanoTime;
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong dueNanos;

  /** Where lines go. */
  @FunctionalInterface
  interface Sink {
    void line(long count, String detail);
  }

  /**
   * Lines of a log.
   *
   * @param what is wrong, the first words of each line
   */
  public RateLimitedLog(Logger log, Level level, String what) {
    this(
        (count, detail) -> log.atLevel(level).log("{} count={} latest=\"{}\"", what, count, detail),
        System::nanoTime);
  }

  RateLimitedLog(Sink sink, LongSupplier nanoTime) {
    this.sink = sink;
    this.nanoTime = nanoTime;
    this.dueNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /**
   * Notes one case.
   *
   * @param detail of this case; may hold what a stranger sent, its control characters are blanked
   */
  public void note(String detail) {
    count.incrementAndGet();
    long now = nanoTime.getAsLong();
    long due = dueNanos.get();
    if (now - due >= 0 && dueNanos.compareAndSet(due, now + PAUSE_NANOS)) {
      sink.line(count.getAndSet(0), clean(detail));
    }
  }

  private static String clean(String detail) {
    String cut =
        detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) + "..." : detail;
    return cut.replaceAll("\\p{Cntrl}", " ");
  }
}
