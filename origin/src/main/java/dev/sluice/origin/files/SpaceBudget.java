package dev.sluice.origin.files;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes in use against a quota. Any thread. */
public final class SpaceBudget {
  private final long maxBytes;
  private final AtomicLong used;

  /** With so many bytes in use already. */
  public SpaceBudget(long maxBytes, long usedBytes) {
    this.maxBytes = maxBytes;
    this.used = new AtomicLong(usedBytes);
  }

  /** Takes room for so many bytes; false, and nothing taken, when there is none. */
  public boolean take(long bytes) {
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
  public void add(long bytes) {
    used.addAndGet(bytes);
  }

  /** Bytes are not in use any more. */
  public void giveBack(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Whether there is room; nothing is taken. */
  public boolean fits(long bytes) {
    return bytes <= maxBytes - used.get();
  }

  /** Bytes in use. */
  public long usedBytes() {
    return used.get();
  }
}
