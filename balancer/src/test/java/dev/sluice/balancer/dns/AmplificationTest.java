package dev.sluice.balancer.dns;

import static dev.sluice.balancer.dns.TestZone.PEER;
import static dev.sluice.balancer.dns.TestZone.addresses;
import static dev.sluice.balancer.dns.TestZone.edns;
import static dev.sluice.balancer.dns.TestZone.query;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Flags;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** How much a question of few bytes, perhaps under a forged address, can draw over UDP. */
class AmplificationTest {
  private static final List<String> RECORDS = new ArrayList<>(List.of("ns1 A 192.0.2.53"));

  static {
    for (int i = 0; i < 40; i++) {
      RECORDS.add("big TXT \"%02d %s\"".formatted(i, "x".repeat(20)));
      RECORDS.add("many AAAA 2001:db8::" + i);
    }
  }

  private final DnsAnswers answers = answers("b".repeat(64), "192.0.2.1", "2001:db8::1");

  @Test
  void noUdpAnswerIsLargerThanFiveTimesItsQuestion() throws Exception {
    int truncated = 0;
    for (String name :
        List.of("a.b", "big.a.b", "many.a.b", "ns1.a.b", "none.a.b", "x.example", "b")) {
      for (int type = 1; type < 260; type++) {
        for (Message query :
            List.of(
                query(name, type),
                edns(name, type, 4096),
                edns(name, type, 65_535, new GenericEDNSOption(3, new byte[0])),
                edns(name, type, 4096, new GenericEDNSOption(8, new byte[] {0, 1, 0, 0})))) {
          byte[] asked = query.toWire();
          byte[] wire = ((DnsReply.Send) answers.answer(asked, PEER, false)).wire();
          assertThat(wire.length)
              .as("%s %s", name, Type.string(type))
              .isLessThanOrEqualTo(5 * asked.length);
          truncated += new Message(wire).getHeader().getFlag(Flags.TC) ? 1 : 0;
        }
      }
    }
    assertThat(truncated).isPositive();
  }

  @Test
  void theWholeAnswerComesOverTcp() throws Exception {
    byte[] asked = query("big.a.b", Type.TXT).toWire();
    Message udp = new Message(((DnsReply.Send) answers.answer(asked, PEER, false)).wire());
    assertThat(udp.getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(udp.getSection(Section.ANSWER)).isEmpty();
    Message tcp = new Message(((DnsReply.Send) answers.answer(asked, PEER, true)).wire());
    assertThat(tcp.getSection(Section.ANSWER)).hasSize(40);
  }

  @Test
  void edgesAreNamedWithoutTcpHoweverShortTheQuestion() throws Exception {
    DnsAnswers many = answers("b", "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4");
    byte[] plain = query("a.b", Type.AAAA).toWire();
    Message few = new Message(((DnsReply.Send) many.answer(plain, PEER, false)).wire());
    assertThat(few.getHeader().getFlag(Flags.TC)).isFalse();
    assertThat(addresses(few)).hasSizeBetween(1, 3).first().isEqualTo("2001:db8:0:0:0:0:0:1");
    byte[] usual = edns("a.b", Type.AAAA, 1232).toWire();
    Message all = new Message(((DnsReply.Send) many.answer(usual, PEER, false)).wire());
    assertThat(addresses(all)).hasSize(3);
  }

  private static DnsAnswers answers(String id, String... edges) {
    return new DnsAnswers(
        DnsConfig.of("a.b", "127.0.0.1", 0, RECORDS),
        id,
        (client, ipv6, subnet) -> family(ipv6, edges));
  }

  private static EdgeLookup.Edges family(boolean ipv6, String... edges) {
    return TestZone.edges(
        24, Arrays.stream(edges).filter(edge -> edge.contains(":") == ipv6).toArray(String[]::new));
  }
}
