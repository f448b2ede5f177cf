package dev.sluice.origin.files;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes in use against a quota. Any thread. */
final class SpaceBudget {
  private final long maxBytes;
  private final AtomicLong used;

  SpaceBudget(long maxBytes, long usedBytes) {
    this.maxBytes = maxBytes;
    this.used = new AtomicLong(usedBytes);
  }

  /** Takes room for so many bytes; false, and nothing taken, when there is none. */
  boolean take(long bytes) {
    while (true) {
      long now = used.get();
      if (bytes > maxBytes - now) {
        return false;
      }
      if (used.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
  }

  /** Counts bytes that are there already, quota or not. */
  void add(long bytes) {
    used.addAndGet(bytes);
  }

  void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  boolean fits(long bytes) {
    return bytes <= maxBytes - used.get();
  }

  long usedBytes() {
    return used.get();
  }
}
