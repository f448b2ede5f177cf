package dev.sluice.balancer.dns;

/** What to do about a query. */
public sealed interface DnsReply {
  /**
   * Send this.
   *
   * @param wire the message
   * @param rcode its response code, extended codes included
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Send(byte[] wire, int rcode) implements DnsReply {}

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
