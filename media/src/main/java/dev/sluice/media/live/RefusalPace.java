package dev.sluice.media.live;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows who is refused again and again: each refusal of an address (IPv6: of a /64) is answered
 * later than the one before, and fewer of them are logged. Who is let in is never slowed, so that
 * an encoder behind the address of a guesser is not.
 *
 * <p>Pure but for its lock: any thread asks, once per refusal. Remembers {@value #MOST} addresses,
 * those refused last.
 */
final class RefusalPace {
  static final int MOST = 10_000;
  static final int FREE = 5;
  static final long LONGEST_MS = 5_000;
  static final long FORGET_NANOS = 60_000_000_000L;
  private static final long FIRST_MS = 100;
  private static final int MOST_DOUBLINGS = 10;
  private static final int PREFIX_BYTES = 8;

  /**
   * What to do about a refusal.
   *
   * @param delayMs until it is answered
   * @param times this address was refused in a row
   */
  record Step(long delayMs, int times) {
    /** Whether it has a line in the log: the first ones, then each time the count doubles. */
    boolean logged() {
      return times <= FREE || Integer.bitCount(times) == 1;
    }
  }

  private record Refused(int times, long lastNanos) {}

  private final Map<ByteBuffer, Refused> addresses =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Refused> eldest) {
          return size() > MOST;
        }
      };

  /** An address is refused once more. */
  synchronized Step refused(InetAddress address, long nowNanos) {
    byte[] bytes = address.getAddress();
    int length = address instanceof Inet6Address ? PREFIX_BYTES : bytes.length;
    ByteBuffer key = ByteBuffer.wrap(bytes, 0, length);
    Refused before = addresses.get(key);
    int times =
        before == null || nowNanos - before.lastNanos() > FORGET_NANOS
            ? 1
            : Math.min(before.times(), Integer.MAX_VALUE - 1) + 1;
    addresses.put(key, new Refused(times, nowNanos));
    int over = times - FREE;
    long delay = over <= 0 ? 0 : FIRST_MS << Math.min(over - 1, MOST_DOUBLINGS);
    return new Step(Math.min(delay, LONGEST_MS), times);
  }

  /** Addresses that are remembered. */
  synchronized int size() {
    return addresses.size();
  }
}
