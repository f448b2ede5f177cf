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
   * @param fromSubnet true if it was given by the resolver (ECS): it then may be refused, see
   *     {@link Edges#NOT_FROM_THIS}
   */
  Edges edges(InetAddress client, boolean fromSubnet);

  /**
   * Addresses to answer with.
   *
   * @param addresses of both families, best first; empty if no edge can be named
   * @param uniformBits every client that shares so many bits of its address gets the same answer,
   *     as long as the fleet and its load are the same
   */
  record Edges(List<InetAddress> addresses, int uniformBits) {
    /** The subnet says nothing of where the client is, such as a private one: ask by resolver. */
    public static final Edges NOT_FROM_THIS = new Edges(List.of(), -1);
  }
}
