package dev.sluice.balancer.dns;

import org.jspecify.annotations.Nullable;

/** What to do about a query. */
public sealed interface DnsReply {
  /**
   * Send this.
   *
   * @param wire the message
   * @param rcode its response code, extended codes included
   * @param edges the edges it names; null if it names none
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Send(byte[] wire, int rcode, EdgeLookup.@Nullable Edges edges) implements DnsReply {
    /** One that names no edges. */
    Send(byte[] wire, int rcode) {
      this(wire, rcode, null);
    }
  }

  /** Say nothing. */
  record Drop(Reason reason) implements DnsReply {}

  /** Why nothing is said. */
  enum Reason {
    /** Fewer bytes than a header. */
    SHORT,
    /** Not a query but a response: answering those makes loops. */
    RESPONSE
  }
}
