package dev.sluice.media.live.timeline;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The media that one server holds for live streams, under one bound. When it is passed, a level is
 * set, and each holder that holds more is cut down to it: the largest lose what is oldest, the
 * others nothing. The level is the highest at which all together fit, as water finds it.
 *
 * <p>Threading: any thread; each {@link Account} belongs to one event loop. The sum and the level
 * are atomic as all loops share them; a loop touches them once per flush.
 */
public final class MediaBudget {
  /** No level: everybody may hold what the bounds per stream allow. */
  static final long NO_LEVEL = Long.MAX_VALUE;

  private static final long LEVEL_HOLDS_NANOS = 200_000_000;
  private static final long SMALL_CHANGE = 16 << 10;

  private final long budgetBytes;
  private final Set<Account> accounts = ConcurrentHashMap.newKeySet();
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong shortened = new AtomicLong();
  private final AtomicBoolean settling = new AtomicBoolean();
  private volatile long level = NO_LEVEL;
  private volatile long levelNanos = Long.MIN_VALUE / 2;

  /** A budget of which nothing is used. */
  public MediaBudget(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /** Bytes held by all. */
  public long heldBytes() {
    return held.get();
  }

  /** How often a holder was cut down. */
  public long shortened() {
    return shortened.get();
  }

  /** The highest level at which holders cut down to it fit the budget together. */
  static long level(long[] held, long budgetBytes) {
    long[] sorted = held.clone();
    Arrays.sort(sorted);
    long left = budgetBytes;
    for (int i = 0; i < sorted.length; i++) {
      long share = left / (sorted.length - i);
      if (sorted[i] > share) {
        return share;
      }
      left -= sorted[i];
    }
    return NO_LEVEL;
  }

  private void settle(long nowNanos) {
    boolean over = held.get() > budgetBytes;
    boolean due = nowNanos - levelNanos >= LEVEL_HOLDS_NANOS;
    if (!due || (!over && level == NO_LEVEL) || !settling.compareAndSet(false, true)) {
      return;
    }
    try {
      levelNanos = nowNanos;
      level = level(accounts.stream().mapToLong(account -> account.bytes).toArray(), budgetBytes);
    } finally {
      settling.set(false);
    }
  }

  /** One holder: a stream, or a shard of it. Confined to its event loop. */
  public final class Account {
    private volatile long bytes; // read by whoever sets the level

    /** An account of a holder that holds nothing yet. */
    public Account() {
      accounts.add(this);
    }

    /**
     * Says what it holds.
     *
     * @return the most it may hold now
     */
    public long holds(long nowBytes, long nowNanos) {
      if (Math.abs(nowBytes - bytes) >= SMALL_CHANGE) {
        held.addAndGet(nowBytes - bytes);
        bytes = nowBytes;
      }
      settle(nowNanos);
      return level;
    }

    /** Was cut down to what it may hold. */
    public void cut(long nowBytes) {
      shortened.incrementAndGet();
      held.addAndGet(nowBytes - bytes);
      bytes = nowBytes;
    }

    /** Holds nothing any more. */
    public void close() {
      if (accounts.remove(this)) {
        held.addAndGet(-bytes);
        bytes = 0;
      }
    }
  }
}
