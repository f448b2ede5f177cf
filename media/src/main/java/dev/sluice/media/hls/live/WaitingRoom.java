package dev.sluice.media.hls.live;

import dev.sluice.chassis.auth.RefusalPace;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds those who wait for one stream, in all and by address.
 *
 * <p>Threading: any thread.
 */
final class WaitingRoom {
  private final int most;
  private final int mostPerAddress;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ConcurrentHashMap<ByteBuffer, Integer> byAddress = new ConcurrentHashMap<>();

  WaitingRoom(int most, int mostPerAddress) {
    this.most = most;
    this.mostPerAddress = mostPerAddress;
  }

  int waiting() {
    return waiting.get();
  }

  /** Lets one in, for whom {@link #leave} must follow; false when there is no room. */
  boolean enter(InetAddress address) {
    if (waiting.incrementAndGet() > most) {
      waiting.decrementAndGet();
      return false;
    }
    ByteBuffer network = RefusalPace.network(address);
    if (byAddress.merge(network, 1, Integer::sum) > mostPerAddress) {
      leave(address);
      return false;
    }
    return true;
  }

  void leave(InetAddress address) {
    waiting.decrementAndGet();
    byAddress.computeIfPresent(
        RefusalPace.network(address), (key, count) -> count == 1 ? null : count - 1);
  }
}
