package dev.sluice.balancer.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.dns.ResponseRate.Kind;
import dev.sluice.balancer.dns.ResponseRate.Verdict;
import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResponseRateTest {
  private static final long MS = 1_000_000;
  private static final InetAddress VICTIM = InetAddress.ofLiteral("192.0.2.1");
  private final ResponseRate rate = new ResponseRate(100, 2, List.of(Cidr.parse("10.0.0.0/8")), 7);

  @Test
  void aFloodGetsABurstAndThenTheRateWithEveryOtherRestTruncated() {
    Map<Verdict, Integer> flood = flood(rate, VICTIM, 0, 10_000, 10_000);

    assertThat(flood.get(Verdict.SEND)).isBetween(1_190, 1_201); // 2 s worth, and 10 s of 100
    int over = 10_000 - flood.get(Verdict.SEND);
    assertThat(flood.get(Verdict.TRUNCATE)).isEqualTo(over / 2);
  }

  @Test
  void aNetworkIsLimitedAsOneAndItsNeighbourNotAtAll() {
    for (int i = 0; i < 300; i++) {
      rate.judge(InetAddress.ofLiteral("192.0.2." + i % 256), Kind.CONTENT, 0);
    }
    assertThat(rate.judge(InetAddress.ofLiteral("192.0.2.99"), Kind.CONTENT, 0))
        .isNotEqualTo(Verdict.SEND);
    assertThat(rate.judge(InetAddress.ofLiteral("192.0.3.1"), Kind.CONTENT, 0))
        .isEqualTo(Verdict.SEND);
    for (int i = 0; i < 300; i++) {
      rate.judge(
          InetAddress.ofLiteral("2001:db8:0:" + Integer.toHexString(i % 256) + "::1"),
          Kind.CONTENT,
          0);
    }
    assertThat(rate.judge(InetAddress.ofLiteral("2001:db8:0:ff::5"), Kind.CONTENT, 0))
        .isNotEqualTo(Verdict.SEND);
    assertThat(rate.judge(InetAddress.ofLiteral("2001:db8:0:100::5"), Kind.CONTENT, 0))
        .isEqualTo(Verdict.SEND);
  }

  @Test
  void aFloodOfOneKindDoesNotSilenceTheOthers() {
    flood(rate, VICTIM, 0, 1_000, 1);
    assertThat(rate.judge(VICTIM, Kind.NOTHING, 0)).isEqualTo(Verdict.SEND);
    assertThat(rate.judge(VICTIM, Kind.ERROR, 0)).isEqualTo(Verdict.SEND);
    assertThat(rate.judge(VICTIM, Kind.CONTENT, 0)).isNotEqualTo(Verdict.SEND);
  }

  @Test
  void recoversAndNeverLimitsExemptNetworks() {
    flood(rate, VICTIM, 0, 1_000, 1);
    assertThat(rate.judge(VICTIM, Kind.CONTENT, 5_000 * MS)).isEqualTo(Verdict.SEND);
    assertThat(flood(rate, InetAddress.ofLiteral("10.1.2.3"), 0, 1_000, 1).get(Verdict.SEND))
        .isEqualTo(1_000);
    ResponseRate none = new ResponseRate(0, 2, List.of(), 7);
    assertThat(flood(none, VICTIM, 0, 1_000, 1).get(Verdict.SEND)).isEqualTo(1_000);
  }

  @Test
  void slipOneTellsAllAndSlipZeroNobody() {
    Map<Verdict, Integer> all = flood(new ResponseRate(100, 1, List.of(), 7), VICTIM, 0, 300, 1);
    assertThat(all).doesNotContainKey(Verdict.DROP);
    assertThat(all.get(Verdict.TRUNCATE)).isBetween(98, 100);
    Map<Verdict, Integer> none = flood(new ResponseRate(100, 0, List.of(), 7), VICTIM, 0, 300, 1);
    assertThat(none).doesNotContainKey(Verdict.TRUNCATE);
    assertThat(none.get(Verdict.DROP)).isBetween(98, 100);
  }

  @Test
  void aFloodFromTenThousandNetworksHardlyTouchesTheRest() {
    Random random = new Random(5);
    for (int i = 0; i < 10_000; i++) { // each spends its whole burst
      byte[] network = {(byte) (i >> 16), (byte) (i >> 8), (byte) i, 1};
      InetAddress address = address(network);
      for (int n = 0; n < 200; n++) {
        rate.judge(address, Kind.CONTENT, 0);
      }
    }
    int limited = 0;
    for (int i = 0; i < 10_000; i++) {
      byte[] other = {(byte) 200, (byte) random.nextInt(256), (byte) random.nextInt(256), 1};
      limited += rate.judge(address(other), Kind.CONTENT, 0) == Verdict.SEND ? 0 : 1;
    }
    assertThat(limited).isLessThan(400); // both slots taken: (10,000 / 65,536)^2 = 2.3 %
  }

  @Test
  void theKindIsReadFromTheAnswer() throws Exception {
    assertThat(kind("cdn.example", 1)).isEqualTo(Kind.CONTENT);
    assertThat(kind("none.cdn.example", 1)).isEqualTo(Kind.NOTHING);
    assertThat(kind("ns1.cdn.example", 16)).isEqualTo(Kind.NOTHING);
    assertThat(kind("example.org", 1)).isEqualTo(Kind.ERROR);
  }

  private static Kind kind(String name, int type) throws Exception {
    byte[] query = TestZone.query(name, type).toWire();
    DnsReply reply = TestZone.answers().answer(query, TestZone.PEER, false);
    return Kind.of(((DnsReply.Send) reply).wire());
  }

  /** So many queries, evenly over so many milliseconds. */
  private static Map<Verdict, Integer> flood(
      ResponseRate rate, InetAddress client, long fromMs, int queries, long overMs) {
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    for (int i = 0; i < queries; i++) {
      long now = (fromMs * MS) + overMs * MS * i / queries;
      verdicts.merge(rate.judge(client, Kind.CONTENT, now), 1, Integer::sum);
    }
    return verdicts;
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
