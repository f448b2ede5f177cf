package dev.sluice.balancer.dns;

import static dev.sluice.balancer.dns.TestZone.PEER;
import static dev.sluice.balancer.dns.TestZone.addresses;
import static dev.sluice.balancer.dns.TestZone.edns;
import static dev.sluice.balancer.dns.TestZone.query;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class DnsEdnsTest {
  private final DnsAnswers answers = TestZone.answers();

  @Test
  void theClientsSubnetDecidesAndTheScopeSaysForHowWide() throws Exception {
    Message answer = ask(edns("cdn.example", Type.A, 1232, subnet(24, 0, "81.2.69.0")));

    assertThat(addresses(answer)).containsExactly("127.0.0.11", "127.0.0.12");
    assertThat(echo(answer)).isEqualTo("24 16 81.2.69.0");
  }

  @Test
  void theScopeIsAsLongAsTheDecisionNeedsAndMayBeLongerThanTheSource() throws Exception {
    assertThat(echo(ask(edns("cdn.example", Type.A, 1232, subnet(32, 0, "9.9.9.9")))))
        .isEqualTo("32 32 9.9.9.9");
    assertThat(echo(ask(edns("cdn.example", Type.A, 1232, subnet(8, 0, "9.0.0.0")))))
        .isEqualTo("8 32 9.0.0.0");
  }

  @Test
  void withoutBitsTheResolverDecidesAndTheAnswerHoldsForAll() throws Exception {
    Message answer =
        ask(
            edns("cdn.example", Type.A, 1232, subnet(0, 0, "0.0.0.0")),
            InetAddress.ofLiteral("81.2.69.1"));

    assertThat(addresses(answer)).hasSize(2);
    assertThat(echo(answer)).isEqualTo("0 0 0.0.0.0");
  }

  @Test
  void aSubnetThatSaysNothingGetsTheResolversEdgesForAllThatSayNothing() throws Exception {
    Message answer =
        ask(
            edns("cdn.example", Type.A, 1232, subnet(24, 0, "10.1.2.0")),
            InetAddress.ofLiteral("81.2.69.1"));

    assertThat(addresses(answer)).hasSize(2);
    assertThat(echo(answer)).as("RFC 7871 section 10").isEqualTo("24 8 10.1.2.0");
  }

  @Test
  void answersThatDoNotDependOnTheClientHaveScopeZero() throws Exception {
    for (String name : List.of("ns1.cdn.example", "nothing.cdn.example", "example.org")) {
      assertThat(echo(ask(edns(name, Type.A, 1232, subnet(24, 0, "81.2.69.0")))))
          .isEqualTo("24 0 81.2.69.0");
    }
  }

  @Test
  void anAnswerThatThereIsNothingHoldsForNoMoreClientsThanAnother() throws Exception {
    Message noSuchFamily = ask(edns("cdn.example", Type.AAAA, 1232, subnet(24, 0, "9.9.9.0")));
    assertThat(noSuchFamily.getSection(Section.ANSWER)).isEmpty();
    assertThat(echo(noSuchFamily)).isEqualTo("24 32 9.9.9.0");

    Message noEdge = ask(edns("cdn.example", Type.A, 1232, subnet(24, 0, "203.0.113.0")));
    assertThat(noEdge.getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(echo(noEdge)).isEqualTo("24 24 203.0.113.0");
  }

  @Test
  void anIpv4MappedSubnetIsReadAndSentBackAsItCame() throws Exception {
    byte[] option = {0, 2, 120, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 81, 2, 69};
    byte[] query = edns("cdn.example", Type.A, 1232, new GenericEDNSOption(8, option)).toWire();
    byte[] reply = ((DnsReply.Send) answers.answer(query, PEER, false)).wire();

    int at = RawQuery.subnetAt(reply); // dnsjava cannot read it
    Message answer = new Message(RawQuery.withoutOption(reply, at));
    assertThat(addresses(answer)).containsExactly("127.0.0.11", "127.0.0.12");
    option[3] = 96 + 16;
    assertThat(RawQuery.option(reply, at)).isEqualTo(option);
  }

  @Test
  void malformedQueriesWithEdnsAreAnsweredWithEdns() throws Exception {
    Message bad =
        edns("cdn.example", Type.A, 1232, new GenericEDNSOption(8, new byte[] {0, 1, 33, 0}));
    Message answer = ask(bad);
    assertThat(answer.getRcode()).isEqualTo(Rcode.FORMERR);
    assertThat(answer.getOPT()).isNotNull();
    assertThat(answer.getOPT().getPayloadSize()).isEqualTo(1232);
    Message scope = ask(edns("cdn.example", Type.A, 1232, subnet(24, 8, "81.2.69.0")));
    assertThat(scope.getOPT()).isNotNull();

    Message none = new Message();
    none.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
    assertThat(ask(none).getRcode()).isEqualTo(Rcode.FORMERR);
    assertThat(ask(none).getOPT()).as("no question, but EDNS").isNotNull();

    byte[] notify = edns("cdn.example", Type.SOA, 1232).toWire();
    notify[2] = 4 << 3;
    DnsReply.Send reply = (DnsReply.Send) answers.answer(notify, PEER, false);
    assertThat(new Message(reply.wire()).getOPT()).isNotNull();
  }

  @Test
  void noSubnetIsSentBackThatWasNotGiven() throws Exception {
    Message answer = ask(edns("cdn.example", Type.A, 1232));
    assertThat(answer.getOPT().getOptions()).isEmpty();
  }

  @Test
  void aScopeInAQueryIsMalformed() throws Exception {
    Message query = edns("cdn.example", Type.A, 1232, subnet(24, 8, "81.2.69.0"));
    assertThat(ask(query).getRcode()).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void subnetsThatDnsjavaRefusesToParseAreAnsweredAllTheSame() throws Exception {
    byte[][] broken = {
      {0, 1, 33, 0, 1, 2, 3, 4, 5}, // longer than an address
      {0, 1, 24, 0, 81, 2, 69, 1}, // more bytes than the prefix has
      {0, 1, 20, 0, 81, 2, 69}, // bits behind the prefix
      {0, 7, 8, 0, 81}, // family 7
      {0}, // nothing
    };
    for (byte[] option : broken) {
      Message query = edns("cdn.example", Type.A, 1232, new GenericEDNSOption(8, option));
      assertThat(ask(query).getRcode()).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void versionsAboveZeroGetBadversWithAnOptOfVersionZero() throws Exception {
    Message query = query("cdn.example", Type.A);
    query.addRecord(new OPTRecord(1232, 0, 100), Section.ADDITIONAL);
    Message answer = ask(query);

    assertThat(answer.getHeader().getRcode()).isZero();
    assertThat(answer.getOPT().getExtendedRcode()).isEqualTo(1);
    assertThat(answer.getOPT().getVersion()).isZero();
    assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
    assertThat(answer.getSection(Section.ANSWER)).isEmpty();
  }

  @Test
  void everyRcodeHasAnOptForAQueryWithOne() throws Exception {
    for (String name : List.of("cdn.example", "x.cdn.example", "example.org")) {
      assertThat(ask(edns(name, Type.A, 1232)).getOPT()).as(name).isNotNull();
      assertThat(ask(query(name, Type.A)).getOPT()).as(name).isNull();
    }
  }

  @Test
  void twoOptsOrOneWithANameAreMalformed() throws Exception {
    Message two = edns("cdn.example", Type.A, 1232);
    two.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
    assertThat(ask(two).getRcode()).isEqualTo(Rcode.FORMERR);

    byte[] named = edns("cdn.example", Type.A, 1232).toWire();
    byte[] wire = new byte[named.length + 1];
    int opt = named.length - 11; // the root name of the OPT becomes a pointer to the question
    System.arraycopy(named, 0, wire, 0, opt);
    wire[opt] = (byte) 0xc0;
    wire[opt + 1] = 12;
    System.arraycopy(named, opt + 1, wire, opt + 2, 10);
    DnsReply.Send reply = (DnsReply.Send) answers.answer(wire, PEER, false);
    assertThat(reply.rcode()).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void unknownOptionsAndFlagsAreNotEchoedButDoIs() throws Exception {
    Message query = query("cdn.example", Type.A);
    query.addRecord(
        new OPTRecord(
            1232, 0, 0, 0x80c0, List.of(new GenericEDNSOption(100, new byte[] {1, 2, 3}))),
        Section.ADDITIONAL);
    query.getHeader().setFlag(Flags.AD);
    query.getHeader().setFlag(Flags.CD);
    Message answer = ask(query);

    assertThat(answer.getRcode()).isZero();
    assertThat(answer.getOPT().getOptions()).isEmpty();
    assertThat(answer.getOPT().getFlags()).isEqualTo(0x8000);
    assertThat(answer.getHeader().getFlag(Flags.AD)).isFalse();
    assertThat(answer.getHeader().getFlag(Flags.CD)).isFalse();
  }

  @Test
  void tellsItsIdToWhomAsks() throws Exception {
    Message query = edns("cdn.example", Type.A, 1232, new GenericEDNSOption(3, new byte[0]));
    EDNSOption nsid = ask(query).getOPT().getOptions(3).getFirst();
    assertThat(nsid.toString()).contains("62616C616E6365722D31"); // balancer-1
  }

  @Test
  void largeAnswersAreTruncatedToWhatTheClientTakesButNeverAbove1232() throws Exception {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      records.add("big TXT \"number %02d %s\"".formatted(i, "x".repeat(20)));
    }
    DnsAnswers big =
        new DnsAnswers(DnsConfig.of("cdn.example", "127.0.0.1", 0, records), "b", TestZone.EDGES);
    for (int payload : new int[] {0, 100, 512, 800, 1232, 4096, 65535}) {
      byte[] query = edns("big.cdn.example", Type.TXT, payload).toWire();
      byte[] wire = ((DnsReply.Send) big.answer(query, PEER, false)).wire();
      assertThat(wire.length).isLessThanOrEqualTo(Math.clamp(payload, 512, 1232));
      Message answer = new Message(wire);
      assertThat(answer.getHeader().getFlag(Flags.TC)).isTrue();
      assertThat(answer.getOPT()).as("OPT survives truncation").isNotNull();
    }
    byte[] plain = query("big.cdn.example", Type.TXT).toWire();
    assertThat(((DnsReply.Send) big.answer(plain, PEER, false)).wire().length)
        .isLessThanOrEqualTo(512);
    byte[] overTcp = ((DnsReply.Send) big.answer(plain, PEER, true)).wire();
    assertThat(new Message(overTcp).getSection(Section.ANSWER)).hasSize(60);
  }

  private static EDNSOption subnet(int source, int scope, String address) {
    return new ClientSubnetOption(source, scope, InetAddress.ofLiteral(address));
  }

  private static String echo(Message answer) {
    ClientSubnetOption option = (ClientSubnetOption) answer.getOPT().getOptions(8).getFirst();
    return option.getSourcePrefixLength()
        + " "
        + option.getScopePrefixLength()
        + " "
        + option.getAddress().getHostAddress();
  }

  private Message ask(Message query) throws Exception {
    return ask(query, PEER);
  }

  private Message ask(Message query, InetAddress peer) throws Exception {
    return new Message(((DnsReply.Send) answers.answer(query.toWire(), peer, false)).wire());
  }
}
