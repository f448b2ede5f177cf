package dev.sluice.media.access;

import dev.sluice.media.stream.StreamKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Streams that an operator has barred for a while: nobody may publish them, with whatever key. Kept
 * in memory only, at most {@value #MOST}; those that are over make room.
 *
 * <p>Threading: any thread; asked once per publisher.
 */
public final class StreamBans {
  /** Most at once. */
  public static final int MOST = 1_000;

  /**
   * One of them.
   *
   * @param stream {@code app/name}
   * @param remainingMs how much longer
   */
  public record Ban(String stream, long remainingMs) {}

  private final Map<StreamKey, Long> untilNanos = new HashMap<>();

  /** None. */
  public StreamBans() {}

  /**
   * Bars a stream; zero lifts the ban.
   *
   * @return false when there are too many
   */
  public synchronized boolean set(StreamKey key, Duration time, long nowNanos) {
    if (time.isZero()) {
      untilNanos.remove(key);
      return true;
    }
    forget(nowNanos);
    if (untilNanos.size() >= MOST && !untilNanos.containsKey(key)) {
      return false;
    }
    untilNanos.put(key, nowNanos + time.toNanos());
    return true;
  }

  /** Refuses who would publish a barred stream. */
  public synchronized void check(StreamKey key, long nowNanos) throws PublishRefused {
    Long until = untilNanos.get(key);
    if (until != null && until - nowNanos > 0) {
      long seconds = (until - nowNanos + 999_999_999) / 1_000_000_000;
      throw new PublishRefused(
          PublishRefused.Reason.BANNED,
          "an operator has barred " + key + " for another " + seconds + " s");
    }
  }

  /** All, those that last longest first. */
  public synchronized List<Ban> all(long nowNanos) {
    forget(nowNanos);
    List<Ban> all = new ArrayList<>();
    untilNanos.forEach(
        (key, until) -> all.add(new Ban(key.toString(), (until - nowNanos) / 1_000_000)));
    all.sort(Comparator.comparingLong(Ban::remainingMs).reversed());
    return all;
  }

  private void forget(long nowNanos) {
    untilNanos.values().removeIf(until -> until - nowNanos <= 0);
  }
}
