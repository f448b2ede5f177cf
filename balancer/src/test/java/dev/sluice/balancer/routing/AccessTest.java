package dev.sluice.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Assessment.Verdict;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTest {
  private static final NodeUrls NAMED = new NodeUrls("http://e1.test", "https://e1.test", "", "");
  private static final NodeUrls PLAIN = NodeUrls.http("http://e1.test");

  @ParameterizedTest
  @CsvSource({
    "81.2.69.142, IPV4",
    "::ffff:81.2.69.142, IPV4",
    "64:ff9b::5102:458e, IPV4",
    "2001:db8::1, IPV6",
    "::1, IPV6"
  })
  void aClientsFamilyIsThatOfItsAddressWithinWhatTranslatesIt(String client, String family) {
    assertThat(Access.url(InetAddress.ofLiteral(client), false).family()).hasToString(family);
  }

  @Test
  void anEdgeIsReachedByTheFamiliesOfItsAddresses() {
    Candidate v4 = edge(NAMED, List.of("192.0.2.1"));
    Candidate both = edge(NAMED, List.of("192.0.2.1", "2001:db8::1"));
    Candidate unsaid = edge(NAMED, List.of());

    assertThat(Access.name(false).lacking(v4)).isNull();
    assertThat(Access.name(true).lacking(v4)).isEqualTo(Verdict.NO_IPV6);
    assertThat(Access.name(true).lacking(both)).isNull();
    assertThat(Access.name(true).lacking(unsaid)).isEqualTo(Verdict.NO_IPV6);
    assertThat(viewer("2001:db8::9", false).lacking(v4)).isEqualTo(Verdict.NO_IPV6);
    assertThat(viewer("2001:db8::9", false).lacking(both)).isNull();
    assertThat(viewer("2001:db8::9", false).lacking(unsaid)).as("a name may lead on").isNull();
  }

  @Test
  void aUrlThatNamesAnAddressIsReachedByItsFamilyOnly() {
    Candidate edge = edge(NodeUrls.http("http://[2001:db8::1]:80"), List.of("192.0.2.1"));
    assertThat(viewer("2001:db8::9", false).lacking(edge)).isNull();
    assertThat(viewer("192.0.2.9", false).lacking(edge)).isEqualTo(Verdict.NO_IPV4);
    assertThat(Access.name(false).lacking(edge)).as("a name leads to its addresses").isNull();
  }

  @Test
  void whoCameWithTlsIsNeverSentToAUrlWithout() {
    Candidate plain = edge(PLAIN, List.of("192.0.2.1"));
    Access https = viewer("192.0.2.9", true);
    assertThat(https.lacking(plain)).isEqualTo(Verdict.NO_HTTPS);
    assertThat(https.wider().lacking(plain)).isEqualTo(Verdict.NO_HTTPS);
    assertThat(https.url(NAMED)).isEqualTo("https://e1.test");
    assertThat(viewer("192.0.2.9", false).url(NAMED)).isEqualTo("http://e1.test");
    NodeUrls secureOnly = new NodeUrls("", "https://e1.test", "", "");
    assertThat(viewer("192.0.2.9", false).url(secureOnly)).isEqualTo("https://e1.test");
  }

  @Test
  void aDeadAddressCountsOnlyAsALastResort() {
    Candidate edge = edge(NAMED, List.of("192.0.2.1", "2001:db8::1"));
    EdgeAddresses addresses = EdgeAddresses.of(edge.node().info(), Set.of("2001:db8::1"));
    Candidate half = new Candidate(edge.node(), Standing.UP, "", 0, addresses);

    assertThat(Access.name(true).lacking(half)).isEqualTo(Verdict.DEAD_ADDRESS);
    assertThat(Access.name(true).wider().lacking(half)).isNull();
    assertThat(Access.name(true).wider().wider()).isNull();
    assertThat(viewer("2001:db8::9", false).lacking(half)).isEqualTo(Verdict.DEAD_ADDRESS);
    assertThat(viewer("192.0.2.9", false).lacking(half)).as("its other address works").isNull();
  }

  @Test
  void aFleetLeavesOutWhomAViewerCannotReachAndSaysWhy() {
    Fleet fleet = Fleet.of(List.of(edge(PLAIN, List.of("192.0.2.1"))), 2);
    Fleet suited = fleet.suited(Access.name(true));
    assertThat(suited.byRegion()).isEmpty();
    assertThat(suited.balancers()).isEqualTo(2);
    assertThat(suited.unsuited()).extracting(Assessment::why).containsExactly("no IPv6 address");
  }

  private static Access viewer(String address, boolean secure) {
    return Access.url(InetAddress.ofLiteral(address), secure);
  }

  private static Candidate edge(NodeUrls urls, List<String> addresses) {
    NodeInfo info = new NodeInfo("e1", Role.EDGE, "eu", "t", 1, urls, addresses, 1000, 10);
    FleetNode node = new FleetNode(info, NodeState.UP, NodeLoad.idle(0), List.of(), 0);
    return new Candidate(node, Standing.UP, "", 0);
  }
}
