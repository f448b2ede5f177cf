package dev.sluice.edge.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A place on disk and the slice that is in it now; another slice in the same place is another
 * object.
 *
 * <p>Threading: {@code pins} is the one thing that loops and the disk thread share: at 0 or more it
 * is in use by that many senders, at -1 it is gone for good.
 */
final class Slot {
  private static final int GONE = -1;
  private static final int MOST_USES = 3;

  private final int index;
  private final SliceKey key;
  private final int length;
  private final int crc;
  private final AtomicInteger pins = new AtomicInteger();

  /** Completed with whether the bytes match the checksum; absent until someone asks. */
  private final AtomicReference<@Nullable CompletableFuture<Boolean>> check =
      new AtomicReference<>();

  private volatile boolean verified;

  /** Uses since last looked at by eviction, at most 3; lost updates do no harm. */
  private volatile int uses;

  Slot(int index, SliceKey key, int length, int crc, boolean verified) {
    this.index = index;
    this.key = key;
    this.length = length;
    this.crc = crc;
    this.verified = verified;
  }

  int index() {
    return index;
  }

  SliceKey key() {
    return key;
  }

  int length() {
    return length;
  }

  int crc() {
    return crc;
  }

  boolean verified() {
    return verified;
  }

  void markVerified() {
    verified = true;
  }

  AtomicReference<@Nullable CompletableFuture<Boolean>> check() {
    return check;
  }

  /** Keeps the place from being reused; false when it is gone already. */
  boolean pin() {
    for (int n = pins.get(); n != GONE; n = pins.get()) {
      if (pins.compareAndSet(n, n + 1)) {
        int used = uses;
        if (used < MOST_USES) {
          uses = used + 1;
        }
        return true;
      }
    }
    return false;
  }

  void unpin() {
    pins.decrementAndGet();
  }

  /** Takes the place back; false while it is pinned. */
  boolean retire() {
    return pins.compareAndSet(0, GONE);
  }

  int uses() {
    return uses;
  }

  void uses(int value) {
    uses = value;
  }
}
