package dev.sluice.balancer.dns;

import static dev.sluice.balancer.dns.TestZone.PEER;
import static dev.sluice.balancer.dns.TestZone.edns;
import static dev.sluice.balancer.dns.TestZone.query;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** Whatever arrives, there is an answer or a named reason for silence, never an exception. */
class DnsMalformedTest {
  private final DnsAnswers answers = TestZone.answers();

  @Test
  void everyTruncationOfAQueryIsAnsweredOrTooShort() throws Exception {
    for (byte[] whole : corpus()) {
      for (int length = 0; length < whole.length; length++) {
        DnsReply reply = check(Arrays.copyOf(whole, length));
        assertThat(reply instanceof DnsReply.Drop).isEqualTo(length < 12);
      }
    }
  }

  @Test
  void randomMutationsAreAnsweredOrDroppedForAReason() throws Exception {
    Random random = new Random(20_260_801);
    List<byte[]> corpus = corpus();
    for (int round = 0; round < 60_000; round++) {
      byte[] bytes = corpus.get(random.nextInt(corpus.size())).clone();
      for (int i = 0; i < 1 + random.nextInt(6); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      check(bytes);
    }
  }

  @Test
  void randomBytesAreAnsweredOrDroppedForAReason() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      check(bytes);
    }
  }

  @Test
  void responsesAreNeverAnswered() throws Exception {
    byte[] response = query("cdn.example", Type.A).toWire();
    response[2] |= (byte) 0x80;
    assertThat(check(response)).isEqualTo(new DnsReply.Drop(DnsReply.Reason.RESPONSE));
  }

  @Test
  void otherOpcodesAreNotImplemented() throws Exception {
    for (int opcode : new int[] {Opcode.IQUERY, Opcode.STATUS, Opcode.NOTIFY, Opcode.UPDATE, 15}) {
      byte[] bytes = query("cdn.example", Type.A).toWire();
      bytes[2] = (byte) (opcode << 3);
      DnsReply.Send reply = (DnsReply.Send) check(bytes);
      assertThat(reply.rcode()).isEqualTo(Rcode.NOTIMP);
      assertThat(new Message(reply.wire()).getHeader().getOpcode()).isEqualTo(opcode);
      assertThat(new Message(reply.wire()).getQuestion().getName()).hasToString("cdn.example.");
    }
  }

  @Test
  void anyNumberOfQuestionsButOneIsMalformed() throws Exception {
    for (int count : new int[] {0, 2, 65_535}) {
      byte[] bytes = query("cdn.example", Type.A).toWire();
      bytes[4] = (byte) (count >> 8);
      bytes[5] = (byte) count;
      assertThat(((DnsReply.Send) check(bytes)).rcode()).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void aPointerToItselfIsMalformed() {
    byte[] bytes = {0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, (byte) 0xc0, 12, 0, 1, 0, 1};
    assertThat(((DnsReply.Send) check(bytes)).rcode()).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void bytesAfterTheMessageAreIgnored() throws Exception {
    byte[] query = query("cdn.example", Type.A).toWire();
    DnsReply.Send reply = (DnsReply.Send) check(Arrays.copyOf(query, query.length + 50));
    assertThat(reply.rcode()).isZero();
  }

  private static List<byte[]> corpus() throws Exception {
    List<byte[]> corpus = new ArrayList<>();
    corpus.add(query("cdn.example", Type.A).toWire());
    corpus.add(query("www.cdn.example", Type.ANY).toWire());
    corpus.add(
        edns(
                "cdn.example",
                Type.AAAA,
                4096,
                new ClientSubnetOption(24, InetAddress.ofLiteral("81.2.69.0")))
            .toWire());
    corpus.add(
        edns(
                "x.pop.cdn.example",
                Type.A,
                512,
                new ClientSubnetOption(56, InetAddress.ofLiteral("2001:db8::")))
            .toWire());
    return corpus;
  }

  private DnsReply check(byte[] bytes) {
    DnsReply reply = answers.answer(bytes, PEER, false);
    if (reply instanceof DnsReply.Send send) {
      byte[] wire = send.wire();
      assertThat(wire.length).isBetween(12, 1232);
      assertThat(wire[0]).isEqualTo(bytes[0]);
      assertThat(wire[1]).isEqualTo(bytes[1]);
      assertThat(wire[2] & 0x80).as("QR").isEqualTo(0x80);
      assertThat(wire[3] & 0x80).as("RA").isZero();
    }
    return reply;
  }
}
