package dev.sluice.balancer.routing;

import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;

/**
 * A viewer asking where to go.
 *
 * @param kind what is asked for
 * @param key the stream or file, the same for every URL of it; for {@link Kind#NAME} the client's
 *     network, so that one client always gets the same answer and different clients spread
 * @param clientHash of the client's network: /24 or /56, see {@link #networkHash}; for {@link
 *     Kind#NAME} perhaps a wider one
 * @param wanted how many edges to rank at least, if there are that many; above 0
 * @param lastEdge the {@link RecentClients#mark} of the edge that it was sent to a moment ago; 0 =
 *     of none
 */
public record RoutingRequest(Kind kind, String key, long clientHash, int wanted, int lastEdge) {
  private static final int SPREAD_BITS_V4 = 16;
  private static final int SPREAD_BITS_V6 = 32;
  private static final int HASHED_BITS_V4 = 24;
  private static final int HASHED_BITS_V6 = 56;

  /** What is asked for. */
  public enum Kind {
    /** A live stream. */
    LIVE,
    /** A stored file. */
    FILE,
    /** A DNS name: nobody knows yet what will be asked of the edge. */
    NAME
  }

  /** A live stream such as {@code live/demo}. */
  public static RoutingRequest live(String stream, InetAddress client, int wanted) {
    return new RoutingRequest(Kind.LIVE, stream, networkHash(client), wanted, 0);
  }

  /** A file such as {@code vod/demo.flv}. */
  public static RoutingRequest file(String path, InetAddress client, int wanted) {
    return new RoutingRequest(Kind.FILE, path, networkHash(client), wanted, 0);
  }

  /**
   * A DNS name, whichever. Clients that share the first {@code bits} of their address make equal
   * requests.
   *
   * @param bits see {@link #nameBits}
   */
  public static RoutingRequest name(InetAddress client, int bits, int wanted) {
    EmbeddedAddress inner = EmbeddedAddress.of(client);
    int innerBits = Math.min(bits - inner.offset(), longestHashed(inner.address()));
    long hash = networkHash(new Cidr(inner.address(), innerBits).network());
    return name(hash, wanted);
  }

  /** A DNS name, for the client with such a {@link #clientHash}. */
  public static RoutingRequest name(long clientHash, int wanted) {
    return new RoutingRequest(Kind.NAME, Long.toHexString(clientHash), clientHash, wanted, 0);
  }

  /** The same of a client that was sent to an edge a moment ago, and stays there if it can. */
  public RoutingRequest lately(int edgeMark) {
    return new RoutingRequest(kind, key, clientHash, wanted, edgeMark);
  }

  /**
   * The bits of an address that decide about a name: those that tell the location, and at least as
   * many as are needed to spread clients over a region's edges (16, 32; of the inner address where
   * there is one). It is what answers say for whom they hold, so it depends on the address alone
   * and not on the fleet, and it is never cut short: a location that needs 30 bits has a name that
   * needs 30.
   *
   * @param locationBits bits that decide the location
   */
  public static int nameBits(InetAddress client, int locationBits) {
    EmbeddedAddress inner = EmbeddedAddress.of(client);
    int spread = inner.address().getAddress().length == 4 ? SPREAD_BITS_V4 : SPREAD_BITS_V6;
    return Math.max(locationBits, inner.offset() + spread);
  }

  /** A hash of the /24 (IPv4) or /56 (IPv6) that an address, or the one inside it, lies in. */
  public static long networkHash(InetAddress client) {
    InetAddress inner = EmbeddedAddress.of(client).address();
    byte[] bytes = inner.getAddress();
    int significant = longestHashed(inner) / 8;
    long h = bytes.length;
    for (int i = 0; i < significant; i++) {
      h = h << 8 | (bytes[i] & 0xff);
    }
    return Rendezvous.mix(h);
  }

  private static int longestHashed(InetAddress address) {
    return address.getAddress().length == 4 ? HASHED_BITS_V4 : HASHED_BITS_V6;
  }
}
