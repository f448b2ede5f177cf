package dev.sluice.edge.cache;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for slices that are being fetched. A slice reserves all it needs before its first byte, so
 * a slice that has begun can always be finished and fills cannot block each other for good.
 *
 * <p>Threading: any thread; requests that wait are granted in order, on the thread that gave memory
 * back.
 */
final class FillBudget {
  private record Waiting(long bytes, Runnable granted) {}

  private final long limit;
  private final AtomicLong used = new AtomicLong();
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();

  FillBudget(long limit) {
    this.limit = limit;
  }

  long used() {
    return used.get();
  }

  /**
   * Reserves at once when nobody waits and there is room.
   *
   * @param granted called later, on any thread, when the answer is false
   */
  boolean reserve(long bytes, Runnable granted) {
    if (waiting.isEmpty() && take(bytes)) {
      return true;
    }
    waiting.add(new Waiting(bytes, granted));
    grant();
    return false;
  }

  void release(long bytes) {
    used.addAndGet(-bytes);
    grant();
  }

  private void grant() {
    for (Waiting first; (first = waiting.peek()) != null && take(first.bytes()); ) {
      if (waiting.remove(first)) {
        first.granted().run();
      } else {
        used.addAndGet(-first.bytes());
      }
    }
  }

  /** Takes memory if there is room; one slice larger than the whole budget goes alone. */
  private boolean take(long bytes) {
    for (long now = used.get(); now == 0 || now + bytes <= limit; now = used.get()) {
      if (used.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
    return false;
  }
}
