package dev.sluice.edge.beacon;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many beacons an address (IPv6: a /64) may send: a minute's worth at once, then at the rate.
 * Of more than {@value #MOST} addresses those that were silent longest are forgotten, so that it
 * costs no more memory than that whoever sends.
 *
 * <p>Pure but for its lock; any thread.
 */
final class SenderPace {
  static final int MOST = 10_000;
  private static final int PREFIX_BYTES = 8;
  private static final double NANOS_PER_MINUTE = 60e9;

  private final int perMinute;
  private final Map<ByteBuffer, Left> senders =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Left> eldest) {
          return size() > MOST;
        }
      };

  /** What an address may still send, as of a moment. */
  private static final class Left {
    private double beacons;
    private long nanos;
  }

  /** Nobody has sent anything yet. */
  SenderPace(int perMinute) {
    this.perMinute = perMinute;
  }

  /**
   * Whether one more is taken from an address, which counts it.
   *
   * @param nanos any monotonic clock
   */
  synchronized boolean take(InetAddress from, long nanos) {
    Left left = senders.get(key(from));
    if (left == null) {
      left = new Left();
      left.beacons = perMinute;
      left.nanos = nanos;
      senders.put(key(from), left);
    }
    double since = Math.max(0, nanos - left.nanos) / NANOS_PER_MINUTE;
    left.beacons = Math.min(perMinute, left.beacons + since * perMinute);
    left.nanos = nanos;
    if (left.beacons < 1) {
      return false;
    }
    left.beacons--;
    return true;
  }

  private static ByteBuffer key(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address
        ? ByteBuffer.wrap(bytes, 0, PREFIX_BYTES)
        : ByteBuffer.wrap(bytes);
  }
}
