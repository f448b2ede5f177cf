package dev.sluice.edge.cache.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A place on disk and the slice that is in it now; another slice in the same place is another
 * object. There are as many as slots on disk, so all is in one object: 56 bytes.
 *
 * <p>Threading: {@code pins} is the one thing that loops and the disk thread share: at 0 or more it
 * is in use by that many senders, at -1 it is gone for good.
 */
public final class Slot {
  private static final int GONE = -1;
  private static final int MOST_USES = 3;

  private static final VarHandle PINS;
  private static final VarHandle CHECK;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      PINS = lookup.findVarHandle(Slot.class, "pins", int.class);
      CHECK = lookup.findVarHandle(Slot.class, "check", CompletableFuture.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long hi;
  private final long lo;
  private final int slice;
  private final int index;
  private final int length;
  private final int crc;

  @SuppressWarnings("UnusedVariable") // by its handle
  private volatile int pins;

  /** Completed with whether the bytes match the checksum; absent until someone asks. */
  private volatile @Nullable CompletableFuture<Boolean> check;

  private volatile boolean verified;

  /** Whether its bytes were found to be damaged; it is still to be taken out of the index. */
  private volatile boolean bad;

  /** Uses since last looked at by eviction, at most 3; lost updates do no harm. */
  private volatile byte uses;

  public Slot(int index, SliceKey key, int length, int crc, boolean verified) {
    this.index = index;
    this.hi = key.hi();
    this.lo = key.lo();
    this.slice = key.slice();
    this.length = length;
    this.crc = crc;
    this.verified = verified;
  }

  int index() {
    return index;
  }

  SliceKey key() {
    return new SliceKey(hi, lo, slice);
  }

  boolean holds(SliceKey key) {
    return lo == key.lo() && hi == key.hi() && slice == key.slice();
  }

  public int length() {
    return length;
  }

  int crc() {
    return crc;
  }

  public boolean verified() {
    return verified;
  }

  void markVerified() {
    verified = true;
  }

  /** The check under way or made; null when this one is to be made now, by the caller. */
  @Nullable CompletableFuture<Boolean> checkInsteadOf(CompletableFuture<Boolean> mine) {
    return CHECK.compareAndSet(this, null, mine) ? null : check;
  }

  void markBad() {
    bad = true;
  }

  boolean bad() {
    return bad;
  }

  /** Keeps the place from being reused; false when it is gone already. */
  public boolean pin() {
    for (int n = pins; n != GONE; n = pins) {
      if (PINS.compareAndSet(this, n, n + 1)) {
        byte used = uses;
        if (used < MOST_USES) {
          uses = (byte) (used + 1);
        }
        return true;
      }
    }
    return false;
  }

  public void unpin() {
    int before = (int) PINS.getAndAdd(this, -1);
    assert before > 0 : "unpinned too often: " + before;
  }

  /** Takes the place back; false while it is pinned. */
  public boolean retire() {
    return PINS.compareAndSet(this, 0, GONE);
  }

  int uses() {
    return uses;
  }

  void setUses(int value) {
    uses = (byte) value;
  }
}
