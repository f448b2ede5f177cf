package dev.sluice.chassis.config;

import java.net.InetAddress;
import java.util.List;

/**
 * A network, written {@code 81.2.69.0/24} or {@code 2001:db8::/32}; a bare address is a network of
 * one. IPv4-mapped IPv6 addresses count as IPv4.
 *
 * @param network its first address
 * @param prefixLength 0 to 32 or 128
 */
public record Cidr(InetAddress network, int prefixLength) {
  static final String EXPECTED = "a network such as 10.0.0.0/8 or 2001:db8::/32";

  /** Rejects a prefix that is too long and clears the bits behind it. */
  public Cidr {
    byte[] bytes = network.getAddress();
    if (prefixLength < 0 || prefixLength > bytes.length * 8) {
      throw new IllegalArgumentException(EXPECTED);
    }
    for (int bit = prefixLength; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
    }
    try {
      network = InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Reads the written form; never asks a name server.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static Cidr parse(String text) {
    String s = text.strip();
    int slash = s.indexOf('/');
    try {
      InetAddress address = IpLiteral.parse(slash < 0 ? s : s.substring(0, slash));
      int all = address.getAddress().length * 8;
      return new Cidr(address, slash < 0 ? all : Integer.parseInt(s.substring(slash + 1)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(EXPECTED, e);
    }
  }

  /** True if the address lies in this network. */
  public boolean contains(InetAddress address) {
    byte[] mine = network.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    int whole = prefixLength >> 3;
    for (int i = 0; i < whole; i++) {
      if (mine[i] != other[i]) {
        return false;
      }
    }
    int rest = prefixLength & 7;
    int mask = 0xff << (8 - rest) & 0xff;
    return rest == 0 || (mine[whole] & mask) == (other[whole] & mask);
  }

  /** True if any of the networks contains the address. */
  public static boolean anyContains(List<Cidr> networks, InetAddress address) {
    for (Cidr network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return network.getHostAddress() + "/" + prefixLength;
  }
}
