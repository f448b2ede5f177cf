package dev.sluice.balancer.dns;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.HINFORecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSIDOption;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * Query bytes to answer bytes. Pure but for the {@link EdgeLookup} it is given.
 *
 * <table>
 *   <caption>What is answered</caption>
 *   <tr><td>fewer than 12 bytes, or a response</td><td>nothing</td></tr>
 *   <tr><td>opcode other than QUERY</td><td>NOTIMP</td></tr>
 *   <tr><td>cannot be parsed, not one question, two OPTs, bad ECS</td><td>FORMERR</td></tr>
 *   <tr><td>EDNS version above 0</td><td>BADVERS (RFC 6891 section 6.1.3)</td></tr>
 *   <tr><td>outside the zone, AXFR, IXFR, class other than IN</td><td>REFUSED</td></tr>
 *   <tr><td>a name of edges, A or AAAA</td><td>the edges' addresses; none: SERVFAIL, so that
 *       resolvers serve what they had (RFC 8767)</td></tr>
 *   <tr><td>ANY</td><td>HINFO "RFC8482"</td></tr>
 *   <tr><td>another type of a name that exists</td><td>NODATA with SOA</td></tr>
 *   <tr><td>a name that does not exist</td><td>NXDOMAIN with SOA</td></tr>
 * </table>
 *
 * <p>An answer has an OPT record if, and only if, the query has one. The question is sent back with
 * the case it came in.
 */
public final class DnsAnswers {
  /** Largest UDP answer: fits every path without fragments (DNS flag day 2020). */
  static final int UDP_PAYLOAD = 1232;

  /**
   * Most bytes over UDP for a byte of the query: who forges an address can turn no more against it.
   * Enough for what is asked every day; what is larger is sent over TCP. See decision 0035.
   */
  static final int UDP_AMPLIFICATION = 5;

  private static final int UDP_WITHOUT_EDNS = 512;
  private static final int TCP_PAYLOAD = 65_535;
  private static final int NSID = EDNSOption.Code.NSID;
  private static final int HINFO_TTL_SECONDS = 3600;

  private final DnsConfig config;
  private final DnsZone zone;
  private final EdgeLookup lookup;
  private final String id;

  /**
   * Answers for a zone.
   *
   * @param id of this balancer, for NSID (RFC 5001) and {@code id.server} (RFC 4892)
   */
  public DnsAnswers(DnsConfig config, String id, EdgeLookup lookup) {
    this.config = config;
    this.zone = new DnsZone(config);
    this.lookup = lookup;
    this.id = id;
  }

  /**
   * Answers one query.
   *
   * @param query as received, without the length that precedes it over TCP
   * @param peer who sent it
   * @param tcp true if a large answer can be sent
   */
  public DnsReply answer(byte[] query, InetAddress peer, boolean tcp) {
    if (query.length < RawQuery.HEADER_BYTES) {
      return new DnsReply.Drop(DnsReply.Reason.SHORT);
    }
    if (RawQuery.response(query)) {
      return new DnsReply.Drop(DnsReply.Reason.RESPONSE);
    }
    if (RawQuery.opcode(query) != Opcode.QUERY) {
      return RawQuery.error(query, Rcode.NOTIMP);
    }
    if (RawQuery.questions(query) != 1 || RawQuery.tooManyRecords(query)) {
      return RawQuery.malformed(query);
    }
    int subnetAt = RawQuery.subnetAt(query);
    ClientSubnet subnet = subnetAt < 0 ? null : ClientSubnet.read(RawQuery.option(query, subnetAt));
    if (subnetAt >= 0 && subnet == null) {
      return RawQuery.malformed(query);
    }
    Message parsed;
    try {
      parsed = new Message(subnet == null ? query : RawQuery.withoutOption(query, subnetAt));
    } catch (IOException | RuntimeException e) {
      return RawQuery.malformed(query);
    }
    Record question = parsed.getQuestion();
    List<Record> opts = opts(parsed);
    if (question == null || opts.size() > 1) {
      return RawQuery.malformed(query);
    }
    OPTRecord opt = opts.isEmpty() ? null : (OPTRecord) opts.getFirst();
    if (opt != null && !opt.getName().equals(Name.root)) {
      return RawQuery.malformed(query);
    }
    Answer answer = new Answer(parsed, question, opt, subnet);
    if (opt != null && opt.getVersion() > 0) {
      answer.extendedRcode = 1; // with the header's 0: BADVERS, 16
    } else {
      fill(answer, question, peer);
    }
    return answer.finish(tcp, query.length);
  }

  /** Notes that an answer has been sent whole. */
  void sent(DnsReply.Send answer) {
    if (answer.edges() != null) {
      lookup.sent(answer.edges());
    }
  }

  /** The same answer without its content: the client shall ask over TCP. */
  static byte[] truncated(byte[] wire) {
    try {
      Message whole = new Message(wire);
      whole.removeAllRecords(Section.ANSWER);
      whole.removeAllRecords(Section.AUTHORITY);
      OPTRecord opt = whole.getOPT();
      whole.removeAllRecords(Section.ADDITIONAL);
      if (opt != null) {
        whole.addRecord(opt, Section.ADDITIONAL);
      }
      whole.getHeader().setFlag(Flags.TC);
      return whole.toWire();
    } catch (IOException e) {
      throw new IllegalArgumentException("not an answer of ours", e);
    }
  }

  private static List<Record> opts(Message query) {
    List<Record> found = new ArrayList<>(1);
    for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
      for (Record record : query.getSection(section)) {
        if (record.getType() == Type.OPT) {
          found.add(record);
        }
      }
    }
    return found;
  }

  private void fill(Answer answer, Record question, InetAddress peer) {
    Name name = question.getName();
    int type = question.getType();
    if (question.getDClass() == DClass.CH) {
      chaos(answer, name, type);
    } else if (question.getDClass() != DClass.IN || !zone.contains(name)) {
      answer.fail(Rcode.REFUSED, ExtendedErrorCodeOption.NOT_AUTHORITATIVE, "");
    } else if (type == Type.AXFR || type == Type.IXFR) {
      answer.fail(Rcode.REFUSED, ExtendedErrorCodeOption.PROHIBITED, "");
    } else if (type == Type.OPT || (type >= 128 && type < 255)) {
      answer.fail(Rcode.NOTIMP, ExtendedErrorCodeOption.NOT_SUPPORTED, "");
    } else {
      answer.message.getHeader().setFlag(Flags.AA);
      inZone(answer, name, type, peer);
    }
  }

  private void inZone(Answer answer, Name name, int type, InetAddress peer) {
    Name source = zone.source(name);
    if (source == null) {
      answer.message.getHeader().setRcode(Rcode.NXDOMAIN);
      answer.add(zone.negative(), Section.AUTHORITY);
    } else if (type == Type.ANY) {
      answer.add(
          new HINFORecord(name, DClass.IN, HINFO_TTL_SECONDS, "RFC8482", ""), Section.ANSWER);
    } else if (zone.edges(source) && (type == Type.A || type == Type.AAAA)) {
      edges(answer, name, type, peer);
    } else {
      fixed(answer, name, source, type);
    }
  }

  private void fixed(Answer answer, Name name, Name source, int type) {
    List<Record> found = zone.records(source, type);
    if (found.isEmpty()) {
      found = zone.records(source, Type.CNAME);
    }
    for (Record record : found) {
      answer.add(withOwner(record, name), Section.ANSWER);
      if (record instanceof NSRecord ns) {
        for (int glue : new int[] {Type.A, Type.AAAA}) {
          zone.records(ns.getTarget(), glue).forEach(r -> answer.add(r, Section.ADDITIONAL));
        }
      }
    }
    if (found.isEmpty()) {
      answer.add(zone.negative(), Section.AUTHORITY);
    }
  }

  /** The record under another name; the names in its data keep their case (RFC 4343). */
  private static Record withOwner(Record record, Name owner) {
    byte[] wire = record.toWire(Section.ANSWER);
    byte[] name = owner.toWire();
    int rest = wire.length - record.getName().length();
    byte[] renamed = Arrays.copyOf(name, name.length + rest);
    System.arraycopy(wire, wire.length - rest, renamed, name.length, rest);
    try {
      return Record.fromWire(renamed, Section.ANSWER);
    } catch (IOException e) {
      throw new IllegalStateException("not a record of ours", e);
    }
  }

  private void edges(Answer answer, Name name, int type, InetAddress peer) {
    ClientSubnet subnet = answer.subnet;
    boolean ipv6 = type == Type.AAAA;
    EdgeLookup.Edges edges;
    if (subnet == null || !subnet.given()) {
      edges = lookup.edges(peer, ipv6, false);
    } else {
      edges = lookup.edges(subnet.client(), ipv6, true);
      answer.scope = subnet.scope(edges.uniformBits());
      if (!edges.located()) {
        edges = lookup.edges(peer, ipv6, false);
      }
    }
    if (edges.addresses().isEmpty() && !edges.otherFamily()) {
      answer.message.getHeader().unsetFlag(Flags.AA);
      answer.fail(Rcode.SERVFAIL, ExtendedErrorCodeOption.OTHER, "no edge can take viewers");
      return;
    }
    long ttl = config.ttl().toSeconds();
    int left = config.addresses();
    for (InetAddress address : edges.addresses()) {
      boolean v4 = address instanceof Inet4Address;
      if (left > 0 && v4 == (type == Type.A)) {
        answer.add(
            v4
                ? new ARecord(name, DClass.IN, ttl, address)
                : new AAAARecord(name, DClass.IN, ttl, address),
            Section.ANSWER);
        left--;
      }
    }
    answer.fewerWillDo = true;
    if (left == config.addresses()) {
      // With its scope: others may get addresses. Not all resolvers mind it (RFC 7871 section 7.4).
      answer.add(zone.negative(), Section.AUTHORITY);
    } else {
      answer.edges = edges;
    }
  }

  private void chaos(Answer answer, Name name, int type) {
    String asked = name.toString(true).toLowerCase(java.util.Locale.ROOT);
    boolean text = type == Type.TXT || type == Type.ANY;
    if (text && (asked.equals("id.server") || asked.equals("hostname.bind"))) {
      answer.message.getHeader().setFlag(Flags.AA);
      answer.add(new TXTRecord(name, DClass.CH, 0, id), Section.ANSWER);
    } else {
      answer.fail(Rcode.REFUSED, ExtendedErrorCodeOption.NOT_AUTHORITATIVE, "");
    }
  }

  /** An answer while it is made. */
  private final class Answer {
    final Message message;
    final @Nullable OPTRecord asked;
    final @Nullable ClientSubnet subnet;
    final List<EDNSOption> options = new ArrayList<>(2);
    EdgeLookup.@Nullable Edges edges;
    int extendedRcode;
    int scope;

    /** The edges named last are left out before an answer is truncated. */
    boolean fewerWillDo;

    Answer(
        Message query, Record question, @Nullable OPTRecord asked, @Nullable ClientSubnet subnet) {
      this.message = new Message(query.getHeader().getID());
      this.asked = asked;
      this.subnet = subnet;
      message.getHeader().setFlag(Flags.QR);
      if (query.getHeader().getFlag(Flags.RD)) {
        message.getHeader().setFlag(Flags.RD);
      }
      message.addRecord(question, Section.QUESTION);
    }

    void add(Record record, int section) {
      message.addRecord(record, section);
    }

    /** Sets the response code and, for a client that has EDNS, the reason (RFC 8914). */
    void fail(int rcode, int reason, String text) {
      message.getHeader().setRcode(rcode);
      options.add(
          text.isEmpty()
              ? new ExtendedErrorCodeOption(reason)
              : new ExtendedErrorCodeOption(reason, text));
    }

    DnsReply finish(boolean tcp, int queryBytes) {
      int limit = UDP_WITHOUT_EDNS;
      if (asked != null) {
        limit = Math.clamp(asked.getPayloadSize(), UDP_WITHOUT_EDNS, UDP_PAYLOAD);
        if (!asked.getOptions(NSID).isEmpty()) {
          options.add(new NSIDOption(id.getBytes(StandardCharsets.UTF_8)));
        }
        if (subnet != null) {
          options.add(subnet.echo(scope));
        }
        int flags = asked.getFlags() & 0x8000; // DO is copied (RFC 3225)
        add(new OPTRecord(UDP_PAYLOAD, extendedRcode, 0, flags, options), Section.ADDITIONAL);
      }
      limit = tcp ? TCP_PAYLOAD : Math.min(limit, UDP_AMPLIFICATION * queryBytes);
      byte[] wire = message.toWire(limit);
      while (fewerWillDo && truncated(wire[2]) && addresses() > 1) {
        message.removeRecord(message.getSection(Section.ANSWER).getLast(), Section.ANSWER);
        wire = message.toWire(limit);
      }
      return new DnsReply.Send(
          wire,
          extendedRcode << 4 | message.getHeader().getRcode(),
          truncated(wire[2]) ? null : edges);
    }

    private int addresses() {
      return message.getSection(Section.ANSWER).size();
    }

    private static boolean truncated(byte flags) {
      return (flags & 2) != 0;
    }
  }
}
