package dev.sluice.balancer.routing;

import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * The IPv4 address inside an IPv6 address of a transition mechanism, which says where the client
 * is: 6to4 (RFC 3056), Teredo (RFC 4380), NAT64 (RFC 6052), IPv4-translated (RFC 2765) and
 * IPv4-compatible addresses (RFC 4291). Java itself turns IPv4-mapped addresses into IPv4.
 *
 * @param address the inner address, or the address as it was when there is none
 * @param offset bits of the outer address before the inner; 0 when there is none
 */
public record EmbeddedAddress(InetAddress address, int offset) {
  private static final int IN_LAST_BITS = 96;
  private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");
  private static final Cidr TEREDO = Cidr.parse("2001::/32");
  private static final List<Cidr> PLAIN =
      List.of(Cidr.parse("64:ff9b::/96"), Cidr.parse("::ffff:0:0:0/96"), Cidr.parse("::/96"));

  /** The networks whose addresses have another inside, but for the IPv4-mapped ones. */
  public static final List<Cidr> NETWORKS =
      List.of(SIX_TO_FOUR, TEREDO, PLAIN.get(0), PLAIN.get(1), PLAIN.get(2));

  /** What decides about an address. */
  public static EmbeddedAddress of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return new EmbeddedAddress(address, 0);
    }
    if (SIX_TO_FOUR.contains(address)) {
      int offset = SIX_TO_FOUR.prefixLength();
      return new EmbeddedAddress(v4(bytes, offset), offset);
    }
    if (Cidr.anyContains(PLAIN, address)) {
      return new EmbeddedAddress(v4(bytes, IN_LAST_BITS), IN_LAST_BITS);
    }
    if (TEREDO.contains(address)) {
      for (int i = IN_LAST_BITS / 8; i < bytes.length; i++) {
        bytes[i] = (byte) ~bytes[i];
      }
      return new EmbeddedAddress(v4(bytes, IN_LAST_BITS), IN_LAST_BITS);
    }
    return new EmbeddedAddress(address, 0);
  }

  private static InetAddress v4(byte[] outer, int offset) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(outer, offset / 8, offset / 8 + 4));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
