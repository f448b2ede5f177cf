package dev.sluice.chassis.auth;

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
 * <p>Who asks for what is not there is slowed by how many names they try: asking again for the same
 * few costs nothing, so that viewers behind one address may wait for their streams.
 *
 * <p>Pure but for its lock: any thread asks, once per refusal. Remembers {@value #MOST} addresses,
 * those refused last.
 */
public final class RefusalPace {
  static final int MOST = 10_000;
  public static final int FREE = 5;
  public static final int FREE_NAMES = 20;
  private static final long LONGEST_MS = 5_000;
  static final long FORGET_NANOS = 60_000_000_000L;
  private static final long FIRST_MS = 100;
  private static final int MOST_DOUBLINGS = 10;
  private static final int PREFIX_BYTES = 8;
  private static final int[] NO_NAMES = {};

  /**
   * What to do about a refusal.
   *
   * @param delayMs until it is answered
   * @param times this address was refused in a row
   */
  public record Step(long delayMs, int times) {
    /** Of who is answered at once, with a line in the log. */
    public static final Step FIRST = new Step(0, 1);

    /** The same for who is not slowed, but has as few lines in the log. */
    public Step atOnce() {
      return new Step(0, times);
    }

    /** Whether it has a line in the log: the first ones, then each time the count doubles. */
    public boolean logged() {
      return times <= FREE || Integer.bitCount(times) == 1;
    }
  }

  /** What is remembered of an address; the names are the last that it missed, the newest first. */
  private static final class Refused {
    private int times;
    private int counted;
    private long lastNanos;
    private int[] names = NO_NAMES;
  }

  private final int free;
  private final long firstMs;
  private final long longestMs;
  private final Map<ByteBuffer, Refused> addresses =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Refused> eldest) {
          return size() > MOST;
        }
      };

  /** The usual pace: {@value #FREE} refusals at once, then 100 ms, twice that, up to 5 s. */
  public RefusalPace() {
    this(FREE, FIRST_MS, LONGEST_MS);
  }

  /**
   * A pace of its own for wrong secrets.
   *
   * @param free refusals that are answered at once
   * @param firstMs delay of the next one; each further one has twice that
   * @param longestMs at most
   */
  public RefusalPace(int free, long firstMs, long longestMs) {
    this.free = free;
    this.firstMs = firstMs;
    this.longestMs = longestMs;
  }

  /** An address is refused once more. */
  public synchronized Step refused(InetAddress address, long nowNanos) {
    Refused one = seen(address, nowNanos);
    one.counted = oneMore(one.counted);
    return new Step(delayMs(one.counted - free), one.times);
  }

  /**
   * An address has asked for what is not there.
   *
   * @param name what it asked for; only names that it has not missed lately make it slower
   */
  public synchronized Step missed(InetAddress address, String name, long nowNanos) {
    Refused one = seen(address, nowNanos);
    int hash = name.hashCode();
    for (int known : one.names) {
      if (known == hash) {
        return new Step(0, one.times);
      }
    }
    int[] names = new int[Math.min(one.names.length + 1, FREE_NAMES)];
    System.arraycopy(one.names, 0, names, 1, names.length - 1);
    names[0] = hash;
    one.names = names;
    one.counted = oneMore(one.counted);
    return new Step(delayMs(one.counted - FREE_NAMES), one.times);
  }

  private Refused seen(InetAddress address, long nowNanos) {
    ByteBuffer key = network(address);
    Refused one = addresses.get(key);
    if (one == null || nowNanos - one.lastNanos > FORGET_NANOS) {
      one = new Refused();
      addresses.put(key, one);
    }
    one.times = oneMore(one.times);
    one.lastNanos = nowNanos;
    return one;
  }

  private static int oneMore(int count) {
    return Math.min(count, Integer.MAX_VALUE - 1) + 1;
  }

  private long delayMs(int over) {
    return over <= 0 ? 0 : Math.min(firstMs << Math.min(over - 1, MOST_DOUBLINGS), longestMs);
  }

  /** What counts as one client: an IPv4 address, or the /64 of an IPv6 address. */
  public static ByteBuffer network(InetAddress address) {
    byte[] bytes = address.getAddress();
    int length = address instanceof Inet6Address ? PREFIX_BYTES : bytes.length;
    return ByteBuffer.wrap(bytes, 0, length);
  }

  /** Addresses that are remembered. */
  synchronized int size() {
    return addresses.size();
  }
}
