package dev.sluice.balancer.dns;

import java.util.Arrays;
import org.xbill.DNS.Rcode;

/**
 * The header of a query, read without parsing the rest, so that even a query that cannot be parsed
 * is answered (RFC 8906: silence makes resolvers retry and guess).
 *
 * <pre>
 *   0  id           2  QR opcode(4) AA TC RD     3  RA Z AD CD rcode(4)
 *   4  questions    6  answers    8  authorities   10  additionals
 * </pre>
 */
final class RawQuery {
  static final int HEADER_BYTES = 12;
  private static final int LONGEST_NAME = 255;

  private RawQuery() {}

  static boolean response(byte[] query) {
    return (query[2] & 0x80) != 0;
  }

  static int opcode(byte[] query) {
    return query[2] >> 3 & 0xf;
  }

  static int questions(byte[] query) {
    return (query[4] & 0xff) << 8 | (query[5] & 0xff);
  }

  /** An answer with nothing but a response code, and the question where it can be read. */
  static DnsReply error(byte[] query, int rcode) {
    int end = questions(query) == 1 ? questionEnd(query) : -1;
    byte[] wire = Arrays.copyOf(query, end < 0 ? HEADER_BYTES : end);
    wire[2] = (byte) (0x80 | (query[2] & 0x79)); // QR, opcode and RD kept
    wire[3] = (byte) (rcode & 0xf);
    Arrays.fill(wire, 4, HEADER_BYTES, (byte) 0);
    wire[5] = (byte) (end < 0 ? 0 : 1);
    return new DnsReply.Send(wire, rcode);
  }

  static DnsReply malformed(byte[] query) {
    return error(query, Rcode.FORMERR);
  }

  /** The index after the first question, or -1 if it is not whole; names there have no pointers. */
  private static int questionEnd(byte[] query) {
    int at = HEADER_BYTES;
    while (at < query.length && at - HEADER_BYTES < LONGEST_NAME) {
      int label = query[at] & 0xff;
      if (label == 0) {
        int end = at + 5;
        return end <= query.length ? end : -1;
      }
      if (label > 63) {
        return -1;
      }
      at += label + 1;
    }
    return -1;
  }
}
