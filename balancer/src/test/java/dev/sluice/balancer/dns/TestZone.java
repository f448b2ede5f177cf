package dev.sluice.balancer.dns;

import dev.sluice.balancer.dns.EdgeLookup.Edges;
import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * The zone {@code cdn.example} for tests: clients in 81.2.0.0/16 get two European edges, 10.0.0.0/8
 * is known not to say anything, 203.0.113.0/24 gets nothing, others get one American edge.
 */
final class TestZone {
  static final InetAddress PEER = InetAddress.ofLiteral("198.51.100.7");
  static final DnsConfig CONFIG =
      new DnsConfig(
          "cdn.example",
          "127.0.0.1",
          0,
          List.of(),
          List.of("ns1", "ns.other.example."),
          List.of("@", "*.pop"),
          List.of(
              "ns1 A 192.0.2.53",
              "ns1 AAAA 2001:db8::53",
              "www CNAME cdn.example.",
              "a.b TXT \"deep\"",
              "fixed.pop A 192.0.2.99",
              "@ 60 TXT \"apex\""),
          Duration.ofSeconds(20),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          3,
          Duration.ofSeconds(10),
          100,
          10,
          Duration.ofMinutes(5),
          200,
          2,
          List.of(Cidr.parse("127.0.0.0/8")));

  static final EdgeLookup EDGES =
      (client, ipv6, fromSubnet) -> {
        String text = client.getHostAddress();
        if (fromSubnet && text.startsWith("10.")) {
          return Edges.notFromThis(8);
        }
        if (text.startsWith("203.0.113.")) {
          return edges(24);
        }
        if (text.startsWith("81.2.")) {
          return ipv6 ? edges(16, "2001:db8::11") : edges(16, "127.0.0.11", "127.0.0.12");
        }
        return ipv6 ? Edges.ofOtherFamily(32) : edges(32, "127.0.0.21");
      };

  private TestZone() {}

  static DnsAnswers answers() {
    return new DnsAnswers(CONFIG, "balancer-1", EDGES);
  }

  static Edges edges(int bits, String... addresses) {
    return new Edges(
        List.of(addresses).stream().map(InetAddress::ofLiteral).toList(), bits, 7, "e");
  }

  /** A query without EDNS. */
  static Message query(String name, int type) throws Exception {
    Message query =
        Message.newQuery(Record.newRecord(Name.fromString(name + "."), type, DClass.IN));
    query.getHeader().unsetFlag(org.xbill.DNS.Flags.AD);
    return query;
  }

  /** A query with EDNS. */
  static Message edns(String name, int type, int payload, EDNSOption... options) throws Exception {
    Message query = query(name, type);
    query.addRecord(new OPTRecord(payload, 0, 0, 0, List.of(options)), Section.ADDITIONAL);
    return query;
  }

  static List<String> rdata(Message answer, int section, int type) {
    List<String> found = new ArrayList<>();
    for (Record record : answer.getSection(section)) {
      if (record.getType() == type) {
        found.add(record.rdataToString());
      }
    }
    return found;
  }

  static List<String> addresses(Message answer) {
    List<String> found = rdata(answer, Section.ANSWER, Type.A);
    found.addAll(rdata(answer, Section.ANSWER, Type.AAAA));
    return found;
  }
}
