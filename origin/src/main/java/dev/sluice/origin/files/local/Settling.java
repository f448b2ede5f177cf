package dev.sluice.origin.files.local;

import dev.sluice.origin.files.FileChanging;
import dev.sluice.origin.files.FilePath;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a file that was put in the directory by hand is no longer written. A copy under way
 * has a length and a time, but they are not those of a version: served now it would be a file that
 * ends in the middle, under a tag that says it is whole.
 *
 * <p>A file is settled when its last change is two seconds ago by the clock, or, where the volume
 * has another clock, when it was seen unchanged for so long.
 *
 * <p>Threading: one thread that may block.
 */
final class Settling {
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final long begunNanos = System.nanoTime();
  private @Nullable FileIdentity seen;
  private long seenSinceNanos;

  boolean settled(FileIdentity now) {
    long ageNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - now.changedNanos();
    if (ageNanos >= SETTLED_NANOS) {
      return true;
    }
    long nanos = System.nanoTime();
    if (!now.equals(seen)) {
      seen = now;
      seenSinceNanos = nanos;
    }
    return nanos - seenSinceNanos >= SETTLED_NANOS;
  }

  /**
   * Waits a little before the next look.
   *
   * @throws FileChanging when it took too long
   */
  void await(FilePath path) throws FileChanging {
    if (System.nanoTime() - begunNanos >= MOST_NANOS) {
      throw new FileChanging(path);
    }
    LockSupport.parkNanos(POLL_NANOS);
  }
}
