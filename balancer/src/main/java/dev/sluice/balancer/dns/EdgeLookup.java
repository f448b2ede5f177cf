package dev.sluice.balancer.dns;

import java.net.InetAddress;
import java.util.List;

/** Where a client's names should lead; asked by {@link DnsAnswers}, answered by routing. */
@FunctionalInterface
public interface EdgeLookup {
  /**
   * The edges for a client.
   *
   * @param client the client's network as far as known, or its resolver
   * @param ipv6 whether addresses of IPv6 are asked for, else of IPv4
   * @param fromSubnet true if it was given by the resolver (ECS): it then may be refused, see
   *     {@link Edges#located}
   */
  Edges edges(InetAddress client, boolean ipv6, boolean fromSubnet);

  /** Notes that edges have been named to a client, after every limit. */
  default void sent(Edges edges) {}

  /**
   * Addresses to answer with.
   *
   * @param addresses of that family, best first; empty if no edge can be named
   * @param uniformBits every client that shares so many bits of its address gets the same answer,
   *     as long as the fleet and its load are the same
   * @param network a hash of what the answer was decided by
   * @param first the id of the edge of the first address; empty if there is none
   * @param located false if the address says nothing of where the client is: ask by resolver, which
   *     is then the answer for all who share those bits
   * @param otherFamily whether there are edges, only none with an address of that family; said of
   *     empty answers only
   */
  record Edges(
      List<InetAddress> addresses,
      int uniformBits,
      long network,
      String first,
      boolean located,
      boolean otherFamily) {
    /** Edges for where the client is; none at all if there is no address. */
    public Edges(List<InetAddress> addresses, int uniformBits, long network, String first) {
      this(addresses, uniformBits, network, first, true, false);
    }

    /** There are edges, but none with an address of that family. */
    public static Edges ofOtherFamily(int uniformBits) {
      return new Edges(List.of(), uniformBits, 0, "", true, true);
    }

    /** The subnet says nothing, such as a private one, and neither do others with these bits. */
    public static Edges notFromThis(int uniformBits) {
      return new Edges(List.of(), uniformBits, 0, "", false, false);
    }
  }
}
