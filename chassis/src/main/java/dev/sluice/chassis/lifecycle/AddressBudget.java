package dev.sluice.chassis.lifecycle;

import io.netty.channel.Channel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the connections that one client address has at once. An IPv6 client has a whole /64, so
 * that counts as one address.
 *
 * <p>Threading: any thread; a concurrent map, as connections are accepted on every loop.
 */
public final class AddressBudget {
  private static final int PREFIX_BYTES = 8;

  private final int most;
  private final ConcurrentHashMap<InetAddress, Integer> taken = new ConcurrentHashMap<>();

  /**
   * A budget.
   *
   * @param most connections of one address; 0 = any number
   */
  public AddressBudget(int most) {
    this.most = most;
  }

  /** Counts the connection until it closes; false, and not counted, when there are too many. */
  public boolean admit(Channel connection) {
    if (most == 0
        || !(connection.remoteAddress() instanceof InetSocketAddress remote)
        || remote.getAddress() == null) {
      return true;
    }
    InetAddress client = network(remote.getAddress());
    boolean[] admitted = new boolean[1];
    taken.compute(
        client,
        (address, count) -> {
          int before = count == null ? 0 : count;
          admitted[0] = before < most;
          return admitted[0] ? Integer.valueOf(before + 1) : count;
        });
    if (admitted[0]) {
      connection.closeFuture().addListener(closed -> release(client));
    }
    return admitted[0];
  }

  /** Addresses with a connection now. */
  int addresses() {
    return taken.size();
  }

  private void release(InetAddress client) {
    taken.computeIfPresent(client, (address, count) -> count == 1 ? null : count - 1);
  }

  private static InetAddress network(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return address;
    }
    byte[] bytes = address.getAddress();
    Arrays.fill(bytes, PREFIX_BYTES, bytes.length, (byte) 0);
    return InetAddress.ofLiteral(literal(bytes));
  }

  private static String literal(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length; i += 2) {
      int word = ((bytes[i] & 0xFF) << 8) | (bytes[i + 1] & 0xFF);
      text.append(i == 0 ? "" : ":").append(Integer.toHexString(word));
    }
    return text.toString();
  }
}
