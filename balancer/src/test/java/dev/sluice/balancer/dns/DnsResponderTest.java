package dev.sluice.balancer.dns;

import static dev.sluice.balancer.dns.TestZone.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.metrics.Meters;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

class DnsResponderTest {
  private static final InetAddress CLIENT = InetAddress.ofLiteral("198.51.100.7");

  private final List<EdgeLookup.Edges> sent = new ArrayList<>();

  private final EdgeLookup lookup =
      new EdgeLookup() {
        @Override
        public Edges edges(InetAddress client, boolean ipv6, boolean fromSubnet) {
          return TestZone.EDGES.edges(client, ipv6, fromSubnet);
        }

        @Override
        public void sent(Edges edges) {
          sent.add(edges);
        }
      };

  @Test
  void onlyAnswersThatAreSentWholeAreNoted() throws Exception {
    try (Meters meters = new Meters()) {
      ResponseRate rate = new ResponseRate(1, 2, List.of(), 5); // two at once, then 1 a second
      DnsResponder responder =
          new DnsResponder(new DnsAnswers(TestZone.CONFIG, "b", lookup), rate, meters);
      int whole = 0;
      int other = 0;
      for (int i = 0; i < 1_000; i++) {
        byte[] answer = ask(responder, "cdn.example", Type.A, false);
        boolean truncated = answer != null && (answer[2] & 2) != 0;
        whole += answer == null || truncated ? 0 : 1;
        other += answer == null || truncated ? 1 : 0;
      }
      assertThat(other).isGreaterThan(500);
      assertThat(sent).hasSize(whole);

      ask(responder, "cdn.example", Type.A, true);
      assertThat(sent).as("over TCP").hasSize(whole + 1);
      ask(responder, "ns1.cdn.example", Type.A, true);
      ask(responder, "none.cdn.example", Type.A, true);
      ask(responder, "cdn.example", Type.TXT, true);
      ask(responder, "cdn.example", Type.AAAA, true); // the American edge has no such address
      assertThat(sent).as("answers without edges").hasSize(whole + 1);
    }
  }

  private static byte[] ask(DnsResponder responder, String name, int type, boolean tcp)
      throws Exception {
    return responder.answer(Unpooled.wrappedBuffer(query(name, type).toWire()), CLIENT, tcp);
  }
}
