package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.dns.DnsAnswers;
import dev.sluice.balancer.dns.DnsConfig;
import dev.sluice.balancer.dns.DnsReply;
import dev.sluice.balancer.geo.GeoConfig;
import dev.sluice.balancer.geo.GeoDatabaseWatch;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.geo.MmdbWriter;
import dev.sluice.balancer.geo.RegionConfig;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.HealthPolicy;
import dev.sluice.balancer.routing.RoutingPolicy;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a caching resolver may give to whom: the scope of an answer, asked byte by byte of a whole
 * balancer with networks and a database, without sockets.
 */
class ClientSubnetScopeTest {
  private static final InetAddress RESOLVER = InetAddress.ofLiteral("216.160.83.56");

  @TempDir Path dir;
  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(clock);
  private final FleetHealth health =
      new FleetHealth("b", registry, HealthPolicy.DEFAULTS, clock, meters);
  private final Random random = new Random(7871);
  private GeoLocator locator;
  private DnsAnswers answers;

  /** What a resolver takes from an answer: who gets it, and what else it depends on. */
  private record Answer(int family, byte[] address, int source, int scope, byte[] records) {}

  @BeforeEach
  void threeRegionsOfFourEdges() throws Exception {
    Map<String, RegionConfig> regions =
        Map.of(
            "eu", region("81.0.0.0/8, 2001:db8::/33, 5.6.7.128/25, 10.20.0.0/16", "DE, FR"),
            "us", region("216.160.0.0/13, 81.2.69.0/24, 9.9.9.0/30, 2a00:1234::/61", "US"),
            "ap", region("127.3.0.0/16, 64:ff9b::102:300/120, 2002:909:900::/40", "JP"));
    locator = new GeoLocator(regions, "us");
    Path file = dir.resolve("geo.mmdb");
    Files.write(
        file,
        MmdbWriter.flat(
            1,
            "1.0.0.0/8",
            "JP",
            "2.0.0.0/7",
            "FR",
            "11.0.0.0/8",
            "DE",
            "192.169.0.0/17",
            "DE",
            "77.8.9.160/28",
            "FR",
            "2a00::/12",
            "DE",
            "2600::/14",
            "US",
            "4000::/2",
            "JP"));
    try (GeoDatabaseWatch watch =
        new GeoDatabaseWatch(
            new GeoConfig(file.toString(), "", Duration.ofDays(1)), locator, meters, clock)) {
      watch.start();
    }
    Dispatcher dispatcher =
        new Dispatcher(
            locator,
            health,
            RoutingPolicy.DEFAULTS,
            Map.of("eu", List.of(), "us", List.of(), "ap", List.of()),
            clock,
            meters);
    for (int i = 0; i < 12; i++) {
      String region = List.of("eu", "us", "ap").get(i % 3);
      List<String> addresses = List.of("203.0.113." + i, "2001:db8:ffff::" + i);
      NodeInfo info =
          new NodeInfo(
              "e" + i,
              Role.EDGE,
              region,
              "t",
              1,
              NodeUrls.http("http://e" + i),
              addresses,
              1L << 50,
              1 << 30);
      registry.report(new Heartbeat(info, 1, NodeState.UP, NodeLoad.idle(0), List.of()));
    }
    clock.advance(Duration.ofMillis(100));
    health.nodes().forEach(node -> health.probed(node.node().info().id(), null));
    answers =
        new DnsAnswers(
            DnsConfig.of("cdn.example", "127.0.0.1", 0, List.of()),
            "b",
            new RoutedNames(dispatcher));
  }

  @AfterEach
  void closeMeters() {
    meters.close();
  }

  @ParameterizedTest
  @CsvSource({
    "2, ::, 1", "1, 0.0.0.0, 1", "1, 10.0.0.0, 7", "1, 192.168.0.0, 13", "1, 172.16.0.0, 9",
    "1, 100.64.0.0, 2", "1, 127.0.0.0, 8", "2, fc00::, 6", "2, fe80::, 8", "2, 64:ff9b::, 32",
    "2, 2001::, 16", "2, 2002::, 16", "1, 128.0.0.0, 1", "2, 8000::, 1", "2, 2000::, 3"
  })
  void aWidePrefixIsNotAnsweredForAllOfIt(int family, String address, int source) {
    Answer first = ask(family, bytes(family, address), source);

    assertThat(first.scope).isGreaterThanOrEqualTo(source);
    assertHoldsForMembers(first, 200);
  }

  @Test
  void everyMemberOfAScopeGetsTheSameAnswer() {
    List<String> v4 =
        List.of(
            "0.0.0.0",
            "1.2.3.4",
            "3.255.255.255",
            "5.6.7.200",
            "5.6.7.1",
            "9.9.9.1",
            "9.9.9.4",
            "10.19.255.1",
            "10.20.1.1",
            "11.0.0.1",
            "77.8.9.170",
            "77.8.9.1",
            "81.2.69.160",
            "81.2.70.1",
            "100.100.1.1",
            "127.3.1.1",
            "127.0.0.1",
            "172.20.1.1",
            "192.168.1.1",
            "192.169.1.1",
            "192.169.200.1",
            "198.18.3.1",
            "216.160.1.1",
            "224.1.1.1",
            "255.255.255.255");
    List<String> v6 =
        List.of(
            "::",
            "::1",
            "::5102:45a0",
            "::ffff:0:0:0",
            "2a00:1234::1",
            "2a00:1234:0:8::1",
            "2600::1",
            "2001:db8::1",
            "2001:db8:8000::1",
            "64:ff9b::102:304",
            "64:ff9b::102:400",
            "64:ff9b::5102:45a0",
            "64:ff9b:1::1",
            "2002:909:901::1",
            "2002:5102:45a0::1",
            "2001:0:1:2:3:4:aefd:ba5f",
            "2001:0:1:2::",
            "4000::1",
            "8000::1",
            "fc00::1",
            "fe80::1",
            "ff02::1");
    for (int round = 0; round < 2000; round++) {
      int family = round % 3 == 0 ? 1 : 2;
      List<String> bases = family == 1 ? v4 : v6;
      byte[] address = bytes(family, bases.get(random.nextInt(bases.size())));
      if (family == 2 && round % 7 == 0) { // IPv4-mapped
        byte[] inner = bytes(1, v4.get(random.nextInt(v4.size())));
        address = new byte[16];
        address[10] = address[11] = -1;
        System.arraycopy(inner, 0, address, 12, 4);
      }
      fill(address, random.nextInt(address.length * 8 + 1));
      assertHoldsForMembers(ask(family, address, 1 + random.nextInt(address.length * 8)), 8);
    }
  }

  @Test
  void addressesWithAnIpv4AddressInsideGetWhatThatGets() {
    byte[] plain = ask(1, bytes(1, "1.77.9.9"), 32).records;
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 1, 77, 9, 9};
    assertThat(ask(2, mapped, 128).records).isEqualTo(plain);
    for (String outer :
        List.of("64:ff9b::14d:909", "2002:14d:909::1", "2001:0:7:7:7:7:feb2:f6f6", "::14d:909")) {
      Answer answer = ask(2, bytes(2, outer), 128);
      assertThat(answer.records).as(outer).isEqualTo(plain);
    }
  }

  @Test
  void anOperatorsNetworkOfATransitionMechanismWinsOverTheAddressInside() {
    byte[] american = ask(1, bytes(1, "9.9.9.68"), 32).records;
    assertThat(ask(2, bytes(2, "2002:909:944::1"), 48).records).isNotEqualTo(american);
    assertThat(locator.locate(InetAddress.ofLiteral("2002:909:944::1")).region()).isEqualTo("ap");
    assertThat(locator.locate(InetAddress.ofLiteral("2002:909:901::1")).region())
        .as("the longer of two networks of the operator's")
        .isEqualTo("us");
  }

  @Test
  void aPrivateSubnetGetsTheResolversEdgesForAllThatIsPrivate() {
    Answer ten = ask(1, bytes(1, "10.1.2.0"), 24);
    assertThat(ten.scope)
        .as("RFC 7871 section 10, but for the network of ours within")
        .isEqualTo(12);
    assertThat(ten.records).isEqualTo(ask(1, RESOLVER.getAddress(), 32).records);
    assertThat(ask(1, bytes(1, "172.16.9.0"), 24).scope).isEqualTo(12);
    assertThat(ask(1, bytes(1, "192.168.9.0"), 24).scope).isEqualTo(16);
  }

  private void assertHoldsForMembers(Answer first, int members) {
    int bits = first.address.length * 8;
    assertThat(first.scope).as(text(first)).isBetween(1, bits);
    for (int i = 0; i < members; i++) {
      byte[] member = first.address.clone();
      fill(member, first.scope);
      int length = i % 2 == 0 ? bits : first.scope + random.nextInt(bits - first.scope + 1);
      Answer other = ask(first.family, member, length);
      assertThat(other.scope)
          .as("scope of %s and %s", text(first), text(other))
          .isEqualTo(first.scope);
      assertThat(other.records).as("%s and %s", text(first), text(other)).isEqualTo(first.records);
    }
  }

  /** Random bits from an index on. */
  private void fill(byte[] address, int from) {
    for (int bit = from; bit < address.length * 8; bit++) {
      if (random.nextBoolean()) {
        address[bit >> 3] ^= (byte) (0x80 >> (bit & 7));
      }
    }
  }

  private Answer ask(int family, byte[] whole, int source) {
    byte[] address = Arrays.copyOf(whole, (source + 7) / 8);
    if (source % 8 != 0) {
      address[address.length - 1] &= (byte) (0xff00 >> source % 8);
    }
    ByteArrayOutputStream query = new ByteArrayOutputStream();
    query.writeBytes(new byte[] {1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1});
    query.writeBytes(
        "\3cdn\7example\0\0\1\0\1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    query.writeBytes(new byte[] {0, 0, 41, 4, (byte) 208, 0, 0, 0, 0, 0});
    query.write(8 + address.length);
    query.writeBytes(new byte[] {0, 8, 0, (byte) (4 + address.length), 0, (byte) family});
    query.writeBytes(new byte[] {(byte) source, 0});
    query.writeBytes(address);
    byte[] wire = ((DnsReply.Send) answers.answer(query.toByteArray(), RESOLVER, false)).wire();
    assertThat(wire[3] & 0xf).as("rcode").isZero();
    int end = wire.length - address.length; // the option is the last thing in the answer
    assertThat(Arrays.copyOfRange(wire, end, wire.length)).isEqualTo(address);
    assertThat(wire[end - 2]).isEqualTo((byte) source);
    byte[] records = Arrays.copyOfRange(wire, 12, end - 8 - 11);
    return new Answer(
        family, Arrays.copyOf(address, whole.length), source, wire[end - 1] & 0xff, records);
  }

  private static String text(Answer answer) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < answer.address.length; i++) {
      text.append(answer.family == 1 ? (i == 0 ? "" : ".") : (i > 0 && i % 2 == 0 ? ":" : ""));
      text.append(
          answer.family == 1
              ? String.valueOf(answer.address[i] & 0xff)
              : "%02x".formatted(answer.address[i]));
    }
    return text.append('/').append(answer.source).append('/').append(answer.scope).toString();
  }

  private static byte[] bytes(int family, String literal) {
    byte[] bytes = InetAddress.ofLiteral(literal).getAddress();
    assertThat(bytes).hasSize(family == 1 ? 4 : 16);
    return bytes;
  }

  private static RegionConfig region(String networks, String countries) {
    return new RegionConfig(
        Arrays.stream(networks.split(", ")).map(Cidr::parse).toList(),
        List.of(countries.split(", ")),
        List.of(),
        List.of());
  }
}
