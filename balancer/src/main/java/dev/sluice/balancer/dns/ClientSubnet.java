package dev.sluice.balancer.dns;

import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.OPTRecord;

/**
 * The client's network as its resolver tells it: EDNS Client Subnet, RFC 7871.
 *
 * @param option as received; dnsjava has checked lengths and that the spare bits are 0
 */
record ClientSubnet(ClientSubnetOption option) {
  private static final int LONGEST_V4 = 24;
  private static final int LONGEST_V6 = 56;
  private static final int V4_FAMILY = 1;

  static @Nullable ClientSubnet of(@Nullable OPTRecord opt) {
    if (opt == null) {
      return null;
    }
    List<EDNSOption> found = opt.getOptions(EDNSOption.Code.CLIENT_SUBNET);
    return found.isEmpty() ? null : new ClientSubnet((ClientSubnetOption) found.getFirst());
  }

  /** A query's scope must be 0 (section 7.1.2). */
  boolean malformed() {
    return option.getScopePrefixLength() != 0;
  }

  /** False when the client wants to stay unknown: a prefix of 0 bits. */
  boolean given() {
    return option.getSourcePrefixLength() > 0;
  }

  /**
   * The longest scope that is ever answered. Within it the answer never depends on further bits,
   * lest answers of equal scope contradict each other.
   */
  int longestScope() {
    return option.getFamily() == V4_FAMILY ? LONGEST_V4 : LONGEST_V6;
  }

  /** The scope that says: for these clients and no others. */
  int ownScope() {
    return Math.min(option.getSourcePrefixLength(), longestScope());
  }

  /** The address to locate the client by. */
  InetAddress client() {
    return new Cidr(option.getAddress(), ownScope()).network();
  }

  /** The option to send back. */
  EDNSOption echo(int scope) {
    return new ClientSubnetOption(option.getSourcePrefixLength(), scope, option.getAddress());
  }
}
