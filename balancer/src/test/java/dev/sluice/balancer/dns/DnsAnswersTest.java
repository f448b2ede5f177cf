package dev.sluice.balancer.dns;

import static dev.sluice.balancer.dns.TestZone.PEER;
import static dev.sluice.balancer.dns.TestZone.addresses;
import static dev.sluice.balancer.dns.TestZone.edns;
import static dev.sluice.balancer.dns.TestZone.query;
import static dev.sluice.balancer.dns.TestZone.rdata;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class DnsAnswersTest {
  private final DnsAnswers answers = TestZone.answers();

  @Test
  void answersWithTheEdgesOfTheResolversRegion() throws Exception {
    Message answer = ask(query("cdn.example", Type.A), InetAddress.ofLiteral("81.2.69.160"));

    assertThat(addresses(answer)).containsExactly("127.0.0.11", "127.0.0.12");
    assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
    assertThat(answer.getHeader().getFlag(Flags.RA)).isFalse();
    assertThat(answer.getSection(Section.ANSWER)).allMatch(r -> r.getTTL() == 20);
    assertThat(answer.getOPT()).isNull();
  }

  @Test
  void answersAaaaWithIpv6AddressesOnlyAndNodataWithout() throws Exception {
    Message six = ask(query("cdn.example", Type.AAAA), InetAddress.ofLiteral("81.2.69.160"));
    assertThat(addresses(six)).containsExactly("2001:db8:0:0:0:0:0:11");

    Message none = ask(query("cdn.example", Type.AAAA));
    assertThat(none.getRcode()).isEqualTo(Rcode.NOERROR);
    assertNegative(none);
  }

  @Test
  void neverNamesMoreAddressesThanConfigured() throws Exception {
    EdgeLookup many =
        (client, ipv6, subnet) ->
            TestZone.edges(24, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5");
    DnsAnswers one = new DnsAnswers(TestZone.CONFIG, "b", many);
    DnsReply reply = one.answer(query("cdn.example", Type.A).toWire(), PEER, false);

    assertThat(addresses(new Message(((DnsReply.Send) reply).wire())))
        .containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3");
  }

  @Test
  void failsTemporarilyWhenNoEdgeCanTakeViewers() throws Exception {
    Message query = edns("cdn.example", Type.A, 1232);
    Message answer = ask(query, InetAddress.ofLiteral("203.0.113.9"));

    assertThat(answer.getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(answer.getOPT().getOptions(15)).hasSize(1);
    assertThat(answer.getOPT().toString()).contains("no edge can take viewers");
  }

  @Test
  void sendsBackTheCaseOfTheQuestion() throws Exception {
    Message answer = ask(query("CdN.eXaMpLe", Type.A));

    assertThat(answer.getQuestion().getName()).hasToString("CdN.eXaMpLe.");
    assertThat(answer.getSection(Section.ANSWER).getFirst().getName()).hasToString("CdN.eXaMpLe.");
    assertThat(addresses(answer)).containsExactly("127.0.0.21");
  }

  @Test
  void theNamesInDataKeepTheCaseOfTheConfiguration() throws Exception {
    DnsConfig config =
        DnsConfig.of(
            "cdn.example",
            "127.0.0.1",
            0,
            List.of(
                "@ MX 10 Mail.Example.NET.",
                "_x._tcp SRV 1 2 3 Srv.Example.NET.",
                "www CNAME Target.Example.NET.",
                "*.w PTR Host.Example.NET."));
    DnsAnswers own = new DnsAnswers(config, "b", TestZone.EDGES);
    String[][] expected = {
      {"CDN.example", "MX", "10 Mail.Example.NET."},
      {"_X._tcp.cdn.example", "SRV", "1 2 3 Srv.Example.NET."},
      {"wWw.cdn.example", "CNAME", "Target.Example.NET."},
      {"Any.w.cdn.example", "PTR", "Host.Example.NET."},
    };
    for (String[] one : expected) {
      byte[] query = query(one[0], Type.value(one[1])).toWire();
      Message answer = new Message(((DnsReply.Send) own.answer(query, PEER, false)).wire());
      assertThat(rdata(answer, Section.ANSWER, Type.value(one[1]))).containsExactly(one[2]);
      assertThat(answer.getSection(Section.ANSWER).getFirst().getName()).hasToString(one[0] + ".");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Type.MX, Type.TXT, Type.HTTPS, Type.CAA, Type.DS, 65280})
  void otherTypesOfANameThatExistsAreNodata(int type) throws Exception {
    Message answer = ask(query("ns1.cdn.example", type));
    assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
    assertNegative(answer);
  }

  @Test
  void anEmptyNonTerminalExists() throws Exception {
    assertNegative(ask(query("b.cdn.example", Type.A)));
    assertThat(ask(query("b.cdn.example", Type.A)).getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(ask(query("c.b.cdn.example", Type.A)).getRcode()).isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void aNameThatDoesNotExistIsNxdomainWithTheNegativeTtlInBothFields() throws Exception {
    Message answer = ask(query("nothing.cdn.example", Type.A));
    assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    assertNegative(answer);
    SOARecord soa = (SOARecord) answer.getSection(Section.AUTHORITY).getFirst();
    assertThat(soa.getTTL()).isEqualTo(30);
    assertThat(soa.getMinimum()).isEqualTo(30);
  }

  @Test
  void aWildcardAnswersWithEdgesButHidesNoSibling() throws Exception {
    assertThat(addresses(ask(query("any.pop.cdn.example", Type.A)))).containsExactly("127.0.0.21");
    assertThat(addresses(ask(query("x.y.pop.cdn.example", Type.A)))).containsExactly("127.0.0.21");
    assertThat(addresses(ask(query("fixed.pop.cdn.example", Type.A))))
        .containsExactly("192.0.2.99");
    assertNegative(ask(query("pop.cdn.example", Type.A)));
    assertNegative(ask(query("fixed.pop.cdn.example", Type.AAAA)));
  }

  @Test
  void answersFixedRecords() throws Exception {
    Message ns = ask(query("cdn.example", Type.NS));
    assertThat(rdata(ns, Section.ANSWER, Type.NS))
        .containsExactly("ns1.cdn.example.", "ns.other.example.");
    assertThat(rdata(ns, Section.ADDITIONAL, Type.A)).containsExactly("192.0.2.53");
    assertThat(rdata(ns, Section.ADDITIONAL, Type.AAAA)).hasSize(1);

    assertThat(rdata(ask(query("cdn.example", Type.SOA)), Section.ANSWER, Type.SOA)).hasSize(1);
    assertThat(rdata(ask(query("cdn.example", Type.TXT)), Section.ANSWER, Type.TXT))
        .containsExactly("apex");
    assertThat(rdata(ask(query("www.cdn.example", Type.A)), Section.ANSWER, Type.CNAME))
        .containsExactly("cdn.example.");
  }

  @Test
  void anyIsAnsweredWithHinfo() throws Exception {
    assertThat(rdata(ask(query("cdn.example", Type.ANY)), Section.ANSWER, Type.HINFO))
        .containsExactly("\"RFC8482\" \"\"");
  }

  @ParameterizedTest
  @CsvSource({"example.org, 1", "example, 6", "notcdn.example, 1", "cdn.example, 252"})
  void refusesWhatIsNotOurs(String name, int type) throws Exception {
    Message answer = ask(query(name, type));
    assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
    assertThat(answer.getHeader().getFlag(Flags.AA)).isFalse();
    assertThat(answer.getSection(Section.AUTHORITY)).isEmpty();
  }

  @Test
  void refusesOtherClassesAndTellsItsNameInChaos() throws Exception {
    Name name = Name.fromString("cdn.example.");
    for (int dclass : new int[] {DClass.ANY, DClass.HS}) {
      Message answer = ask(Message.newQuery(Record.newRecord(name, Type.A, dclass)));
      assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
    }
    Name id = Name.fromString("id.server.");
    Message who = ask(Message.newQuery(Record.newRecord(id, Type.TXT, DClass.CH)));
    assertThat(rdata(who, Section.ANSWER, Type.TXT)).containsExactly("balancer-1");
    Name version = Name.fromString("version.bind.");
    Message what = ask(Message.newQuery(Record.newRecord(version, Type.TXT, DClass.CH)));
    assertThat(what.getRcode()).isEqualTo(Rcode.REFUSED);
  }

  @Test
  void metaTypesAreNotImplemented() throws Exception {
    assertThat(ask(query("cdn.example", Type.MAILB)).getRcode()).isEqualTo(Rcode.NOTIMP);
  }

  @Test
  void equalConfigurationsHaveEqualSerials() throws Exception {
    Message one = ask(query("cdn.example", Type.SOA));
    DnsReply other =
        new DnsAnswers(TestZone.CONFIG, "balancer-2", TestZone.EDGES)
            .answer(query("cdn.example", Type.SOA).toWire(), PEER, false);
    assertThat(new Message(((DnsReply.Send) other).wire()).getSection(Section.ANSWER))
        .isEqualTo(one.getSection(Section.ANSWER));
  }

  @Test
  void rejectsZonesThatCannotBeServed() {
    assertThatThrownBy(() -> DnsConfig.of("bad..name", "127.0.0.1", 0, List.of()))
        .hasMessageContaining("bad..name");
    assertThatThrownBy(() -> DnsConfig.of("a.example", "127.0.0.1", 0, List.of("www A 1.2.3")))
        .hasMessageContaining("www A 1.2.3");
    assertThatThrownBy(
            () -> DnsConfig.of("a.example", "127.0.0.1", 0, List.of("$INCLUDE /etc/passwd")))
        .hasMessageContaining("$INCLUDE");
    assertThatThrownBy(
            () -> DnsConfig.of("a.example", "127.0.0.1", 0, List.of("x.b.example. A 192.0.2.1")))
        .hasMessageContaining("outside the zone");
    assertThatThrownBy(
            () ->
                DnsConfig.of(
                    "a.example", "127.0.0.1", 0, List.of("www CNAME b.", "www A 192.0.2.1")))
        .hasMessageContaining("alias");
    assertThatThrownBy(
            () -> DnsConfig.of("a.example", "127.0.0.1", 0, List.of("who CH TXT \"me\"")))
        .hasMessageContaining("class IN only");
    assertThatThrownBy(
            () -> DnsConfig.of("a.example", "127.0.0.1", 0, List.of("all DNAME b.example.")))
        .hasMessageContaining("DNAME cannot be served");
    assertThatThrownBy(() -> DnsConfig.of("a.example", "127.0.0.1", 0, List.of("@ A 192.0.2.1")))
        .hasMessageContaining("fixed addresses");
  }

  private static void assertNegative(Message answer) {
    assertThat(answer.getSection(Section.ANSWER)).isEmpty();
    assertThat(rdata(answer, Section.AUTHORITY, Type.SOA)).hasSize(1);
  }

  private Message ask(Message query) throws Exception {
    return ask(query, PEER);
  }

  private Message ask(Message query, InetAddress peer) throws Exception {
    DnsReply reply = answers.answer(query.toWire(), peer, false);
    Message answer = new Message(((DnsReply.Send) reply).wire());
    assertThat(answer.getHeader().getID()).isEqualTo(query.getHeader().getID());
    assertThat(answer.getHeader().getFlag(Flags.QR)).isTrue();
    return answer;
  }
}
