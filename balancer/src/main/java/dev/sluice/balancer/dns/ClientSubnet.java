package dev.sluice.balancer.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.GenericEDNSOption;

/**
 * The client's network as its resolver tells it: EDNS Client Subnet, RFC 7871 section 6.
 *
 * <pre>
 *   0  family, 1 = IPv4, 2 = IPv6     2  source prefix length     3  scope prefix length
 *   4  address, as many bytes as the source prefix has, its spare bits 0
 * </pre>
 *
 * <p>Read here and not by dnsjava, which takes an IPv4-mapped address of family 2 for a fault.
 */
final class ClientSubnet {
  private static final int ADDRESS = 4;

  /** Sent by some with 0 bits, as there is no address to have a family. */
  private static final int NONE = 0;

  private static final int V4 = 1;
  private static final int V6 = 2;

  /** Bits of an IPv4-mapped address before the IPv4 address. */
  private static final int MAPPED_BITS = 96;

  private final byte[] option;
  private final InetAddress client;
  private final int offset;

  private ClientSubnet(byte[] option, InetAddress client, int offset) {
    this.option = option;
    this.client = client;
    this.offset = offset;
  }

  /**
   * Reads the option of a query.
   *
   * @param option what follows its code and length
   * @return null if it is malformed, which is answered so
   */
  static @Nullable ClientSubnet read(byte[] option) {
    if (option.length < ADDRESS) {
      return null;
    }
    int family = (option[0] & 0xff) << 8 | (option[1] & 0xff);
    int source = option[2] & 0xff;
    int longest = family == V4 ? 32 : family == V6 ? 128 : family == NONE ? 0 : -1;
    boolean scope = option[3] != 0; // a query's must be 0: section 7.1.2
    if (scope || source > longest || option.length != ADDRESS + (source + 7) / 8) {
      return null;
    }
    int spare = (8 - source % 8) % 8;
    if ((option[option.length - 1] & ((1 << spare) - 1)) != 0) {
      return null;
    }
    byte[] whole = new byte[longest == 128 ? 16 : 4];
    System.arraycopy(option, ADDRESS, whole, 0, option.length - ADDRESS);
    try {
      InetAddress client = InetAddress.getByAddress(whole);
      boolean mapped = client.getAddress().length < whole.length;
      return new ClientSubnet(option, client, mapped ? MAPPED_BITS : 0);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** False when the client wants to stay unknown: a prefix of 0 bits. */
  boolean given() {
    return option[2] != 0;
  }

  /**
   * The first address of the subnet, to locate the client by. Where other addresses of it are
   * elsewhere, the scope is longer than the source, and what is answered holds for this part
   * (section 7.2.1: the wider network is taken apart).
   */
  InetAddress client() {
    return client;
  }

  /** The scope in terms of the option, from how many bits of {@link #client} decide. */
  int scope(int bits) {
    return offset + bits;
  }

  /** The option to send back. */
  EDNSOption echo(int scope) {
    byte[] answer = Arrays.copyOf(option, option.length);
    answer[3] = (byte) scope;
    return new GenericEDNSOption(EDNSOption.Code.CLIENT_SUBNET, answer);
  }
}
