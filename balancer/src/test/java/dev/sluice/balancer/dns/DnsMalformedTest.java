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
import org.xbill.DNS.GenericEDNSOption;
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

  @Test
  void moreRecordsThanAQueryHasReasonToCarryAreMalformed() throws Exception {
    byte[] query = edns("cdn.example", Type.A, 1232).toWire();
    byte[] many = Arrays.copyOf(query, query.length + 11 * 40);
    for (int at = query.length; at < many.length; at += 11) {
      many[at + 2] = 1; // an empty A record of the root
    }
    many[11] = 41;
    assertThat(((DnsReply.Send) check(many)).rcode()).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void everySubnetOptionIsReadOrMalformed() throws Exception {
    byte[] address = new byte[17];
    address[10] = address[11] = (byte) 0xff;
    for (int family = 0; family < 4; family++) {
      for (int source = 0; source < 256; source++) {
        for (int length = 0; length <= 17; length++) {
          byte[] option = new byte[4 + length];
          System.arraycopy(address, 0, option, 4, length);
          option[1] = (byte) family;
          option[2] = (byte) source;
          int bits = family == 1 ? 32 : family == 2 ? 128 : 0;
          boolean good = family < 3 && source <= bits && length == (source + 7) / 8;
          good &= !(family == 2 && source > 80 && source < 96 && source != 88);
          Message query = edns("cdn.example", Type.A, 1232, new GenericEDNSOption(8, option));
          for (boolean tcp : new boolean[] {false, true}) {
            DnsReply.Send reply = (DnsReply.Send) answers.answer(query.toWire(), PEER, tcp);
            assertThat(reply.rcode())
                .as("family %d source %d length %d", family, source, length)
                .isEqualTo(good ? Rcode.NOERROR : Rcode.FORMERR);
          }
        }
      }
    }
  }

  @Test
  void ofTwoSubnetsTheFirstCounts() throws Exception {
    byte[] first = {0, 1, 24, 0, 81, 2, 69};
    Message query =
        edns(
            "cdn.example",
            Type.A,
            1232,
            new GenericEDNSOption(8, first),
            new ClientSubnetOption(24, InetAddress.ofLiteral("9.9.9.0")));
    Message answer = new Message(((DnsReply.Send) check(query.toWire())).wire());
    assertThat(TestZone.addresses(answer)).containsExactly("127.0.0.11", "127.0.0.12");
    assertThat(answer.getOPT().getOptions(8)).hasSize(1);
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
    byte[] mapped = {0, 2, 120, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 81, 2, 69};
    corpus.add(edns("cdn.example", Type.A, 512, new GenericEDNSOption(8, mapped)).toWire());
    return corpus;
  }

  private DnsReply check(byte[] bytes) {
    DnsReply reply = answers.answer(bytes, PEER, false);
    if (reply instanceof DnsReply.Send send) {
      byte[] wire = send.wire();
      assertThat(wire.length).isBetween(12, 1232).isLessThanOrEqualTo(5 * bytes.length);
      assertThat(wire[0]).isEqualTo(bytes[0]);
      assertThat(wire[1]).isEqualTo(bytes[1]);
      assertThat(wire[2] & 0x80).as("QR").isEqualTo(0x80);
      assertThat(wire[3] & 0x80).as("RA").isZero();
    }
    return reply;
  }
}
