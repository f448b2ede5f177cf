package dev.sluice.balancer.geo;

import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * The IPv4 address inside an IPv6 address of a transition mechanism, which says where the client
 * is: 6to4 (RFC 3056), Teredo (RFC 4380), NAT64 (RFC 6052). Java itself turns IPv4-mapped addresses
 * into IPv4.
 *
 * @param address the inner address, or the address as it was when there is none
 * @param offset bits of the outer address before the inner; 0 when there is none
 */
record EmbeddedAddress(InetAddress address, int offset) {
  private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");
  private static final Cidr TEREDO = Cidr.parse("2001::/32");
  private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

  /** The networks whose addresses have another inside. */
  static final List<Cidr> NETWORKS = List.of(SIX_TO_FOUR, TEREDO, NAT64);

  static EmbeddedAddress of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return new EmbeddedAddress(address, 0);
    }
    if (SIX_TO_FOUR.contains(address)) {
      return new EmbeddedAddress(v4(Arrays.copyOfRange(bytes, 2, 6)), 16);
    }
    if (NAT64.contains(address)) {
      return new EmbeddedAddress(v4(Arrays.copyOfRange(bytes, 12, 16)), 96);
    }
    if (TEREDO.contains(address)) {
      byte[] inner = Arrays.copyOfRange(bytes, 12, 16);
      for (int i = 0; i < inner.length; i++) {
        inner[i] = (byte) ~inner[i];
      }
      return new EmbeddedAddress(v4(inner), 96);
    }
    return new EmbeddedAddress(address, 0);
  }

  private static InetAddress v4(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
