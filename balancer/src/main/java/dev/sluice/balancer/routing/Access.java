package dev.sluice.balancer.routing;

import dev.sluice.balancer.routing.Assessment.Verdict;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.cluster.NodeUrls;
import java.net.Inet4Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a viewer needs of an edge to get there: an address of a family that it has, and a URL of its
 * scheme. Edges without are left out before one is chosen. Pure.
 *
 * @param entry what the viewer is given
 * @param family of the viewer's address
 * @param deadToo whether addresses count that answered no probe of late
 */
public record Access(Entry entry, Family family, boolean deadToo) {
  /** Everything will do. */
  public static final Access ANY = new Access(Entry.NAME, Family.ANY, true);

  private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

  /** What a viewer is given of an edge. */
  public enum Entry {
    /** Its addresses, by DNS. */
    NAME,
    /** A URL, with TLS only if there is no other. */
    HTTP,
    /** A URL with TLS. */
    HTTPS
  }

  /** A family of addresses. */
  public enum Family {
    /** Both or unknown. */
    ANY,
    /** IPv4. */
    IPV4,
    /** IPv6. */
    IPV6
  }

  /** Who asks for addresses of one family. */
  public static Access name(boolean ipv6) {
    return new Access(Entry.NAME, ipv6 ? Family.IPV6 : Family.IPV4, false);
  }

  /**
   * Who asks for a URL. An address behind NAT64 is one of IPv4, as are IPv4-mapped ones, which Java
   * turns into that.
   *
   * @param secure whether it came with TLS: it is then never sent to a URL without
   */
  public static Access url(InetAddress client, boolean secure) {
    boolean ipv4 = client instanceof Inet4Address || NAT64.contains(client);
    return new Access(secure ? Entry.HTTPS : Entry.HTTP, ipv4 ? Family.IPV4 : Family.IPV6, false);
  }

  /**
   * What may be taken when nobody has that; null if nothing more may. A dead address is better than
   * none, and a viewer that came over one family may have the other too. The scheme stays.
   */
  public @Nullable Access wider() {
    if (deadToo) {
      return null;
    }
    return new Access(entry, entry == Entry.NAME ? family : Family.ANY, true);
  }

  /** What an edge lacks of it; null if nothing. */
  public @Nullable Verdict lacking(Candidate edge) {
    String url = "";
    if (entry != Entry.NAME) {
      url = url(edge.node().info().urls());
      if (url.isEmpty()) {
        return Verdict.NO_HTTPS;
      }
    }
    EdgeAddresses addresses = edge.addresses();
    boolean has =
        switch (family) {
          case ANY -> true;
          case IPV4 -> addresses.reachedBy(url, false, deadToo);
          case IPV6 -> addresses.reachedBy(url, true, deadToo);
        };
    if (has) {
      return null;
    }
    boolean dead = addresses.reachedBy(url, family == Family.IPV6, true);
    return dead ? Verdict.DEAD_ADDRESS : family == Family.IPV6 ? Verdict.NO_IPV6 : Verdict.NO_IPV4;
  }

  /** The base URL to give; empty if the edge has none that would do. */
  public String url(NodeUrls urls) {
    return switch (entry) {
      case HTTPS -> urls.https();
      case HTTP, NAME -> urls.forNodes();
    };
  }
}
