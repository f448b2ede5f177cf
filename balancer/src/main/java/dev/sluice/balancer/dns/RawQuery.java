package dev.sluice.balancer.dns;

import java.util.Arrays;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

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
  private static final int MOST_RECORDS = 32;

  /** Type, payload size, rcode and flags, length of the options. */
  private static final int OPT_FIXED = 10;

  private static final int OPTION_HEADER = 4;

  /** Of the codes for local use (RFC 6891 section 9). */
  private static final int UNUSED_OPTION = 65_001;

  /** Root, type OPT, our payload size, rcode and version 0, no flags, no options. */
  private static final byte[] OPT = {
    0, 0, Type.OPT, DnsAnswers.UDP_PAYLOAD >> 8, (byte) DnsAnswers.UDP_PAYLOAD, 0, 0, 0, 0, 0, 0
  };

  private RawQuery() {}

  static boolean response(byte[] query) {
    return (query[2] & 0x80) != 0;
  }

  static int opcode(byte[] query) {
    return query[2] >> 3 & 0xf;
  }

  static int questions(byte[] query) {
    return number(query, 4);
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  /**
   * An answer with nothing but a response code, the question where it can be read, and an OPT
   * record where the query has one: without it a resolver would take us for a server that does not
   * know EDNS (RFC 6891 section 7).
   */
  static DnsReply error(byte[] query, int rcode) {
    int end = questions(query) == 1 ? questionEnd(query) : -1;
    boolean header = questions(query) == 0;
    boolean edns = header ? hasOpt(query, HEADER_BYTES) : end >= 0 && hasOpt(query, end);
    int optAt = end < 0 ? HEADER_BYTES : end;
    byte[] wire = Arrays.copyOf(query, optAt + (edns ? OPT.length : 0));
    wire[2] = (byte) (0x80 | (query[2] & 0x79)); // QR, opcode and RD kept
    wire[3] = (byte) (rcode & 0xf);
    Arrays.fill(wire, 4, HEADER_BYTES, (byte) 0);
    wire[5] = (byte) (end < 0 ? 0 : 1);
    if (edns) {
      wire[11] = 1;
      System.arraycopy(OPT, 0, wire, optAt, OPT.length);
    }
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

  /** True if there are more records behind the question than a query has reason to carry. */
  static boolean tooManyRecords(byte[] query) {
    return records(query) > MOST_RECORDS;
  }

  private static int records(byte[] query) {
    return number(query, 6) + number(query, 8) + number(query, 10);
  }

  private static boolean hasOpt(byte[] query, int questionEnd) {
    return optAt(query, questionEnd) >= 0;
  }

  /** The index of the type of the first OPT record among the first records, or -1. */
  private static int optAt(byte[] query, int questionEnd) {
    int at = questionEnd;
    for (int i = 0; i < Math.min(records(query), MOST_RECORDS); i++) {
      while (at < query.length && query[at] > 0) {
        at += query[at] + 1;
      }
      if (at >= query.length) {
        return -1;
      }
      at += query[at] == 0 ? 1 : 2; // the root, or a pointer
      if (at + OPT_FIXED > query.length) {
        return -1;
      }
      if (number(query, at) == Type.OPT) {
        return at;
      }
      at += OPT_FIXED + number(query, at + OPT_FIXED - 2);
    }
    return -1;
  }

  /** The index of the first client subnet option (its code), or -1 if there is none. */
  static int subnetAt(byte[] query) {
    int question = questionEnd(query);
    int opt = question < 0 ? -1 : optAt(query, question);
    if (opt < 0) {
      return -1;
    }
    int at = opt + OPT_FIXED;
    int end = Math.min(query.length, at + number(query, at - 2));
    while (at + OPTION_HEADER <= end) {
      if (number(query, at) == EDNSOption.Code.CLIENT_SUBNET) {
        return at;
      }
      at += OPTION_HEADER + number(query, at + 2);
    }
    return -1;
  }

  /** What an option holds, as far as it is there. */
  static byte[] option(byte[] query, int at) {
    int from = at + OPTION_HEADER;
    return Arrays.copyOfRange(query, from, Math.min(query.length, from + number(query, at + 2)));
  }

  /** The query with an option's code made one that means nothing. */
  static byte[] withoutOption(byte[] query, int at) {
    byte[] copy = query.clone();
    copy[at] = (byte) (UNUSED_OPTION >> 8);
    copy[at + 1] = (byte) UNUSED_OPTION;
    return copy;
  }
}
