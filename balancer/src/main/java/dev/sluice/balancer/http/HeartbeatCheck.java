package dev.sluice.balancer.http;

import dev.sluice.chassis.config.IpLiteral;
import dev.sluice.chassis.config.PlainName;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.Role;
import dev.sluice.cluster.StreamReport;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whether what a node says of itself may be passed on: its URLs come into {@code Location} headers
 * and JSON, its addresses into DNS, all of it onto the page. Pure.
 *
 * <p>Times are looked at for form only; ages are reckoned from when a heartbeat arrives.
 */
final class HeartbeatCheck {
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,252})|\\[[0-9A-Fa-f:.]{2,45}\\]");
  private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~-]+)*");
  private static final Pattern STREAM = Pattern.compile("[A-Za-z0-9._~/-]{1,257}");
  private static final Pattern CODECS =
      Pattern.compile("([A-Za-z0-9.-]{1,60}(,[A-Za-z0-9.-]{1,60}){0,3})?");
  private static final Pattern VERSION = Pattern.compile("[\\x20-\\x7e&&[^\"<>\\\\]]{0,64}");

  // A last label by which browsers and resolvers take a name for an IPv4 address: 0x7f.1, 017.1, 0.
  private static final Pattern NUMBER = Pattern.compile("(.*\\.)?(\\d+|0[xX][0-9A-Fa-f]*)\\.?");
  private static final int LONGEST_URL = 300;
  private static final int MOST_ADDRESSES = 16;
  private static final int MOST_STREAMS = 10_000;
  private static final long MOST_BITS = 1_000_000_000_000L;
  private static final int LONGEST_SIDE = 65_535;
  private static final int LONGEST_ECHO = 60;
  private static final long LATEST_MS = 1L << 53;

  private HeartbeatCheck() {}

  /**
   * Checks all of it. Only of the streams and their details some may be left out: what a publisher
   * calls a stream must not take the node out.
   *
   * @throws HeartbeatException that says what was expected
   */
  static Heartbeat checked(Heartbeat beat) {
    check(beat);
    return new Heartbeat(
        beat.node(),
        beat.sequence(),
        beat.state(),
        beat.load(),
        shown(beat.streams()),
        beat.drain(),
        beat.details().stream().filter(HeartbeatCheck::good).limit(StreamReport.MOST).toList());
  }

  private static void check(Heartbeat beat) {
    NodeInfo node = beat.node();
    boolean edge = node.role() == Role.EDGE;
    expect(PlainName.isValid(node.id()), "id", node.id(), PlainName.FORM);
    expect(
        node.region().isEmpty() ? !edge : PlainName.isValid(node.region()),
        "region",
        node.region(),
        PlainName.FORM);
    expect(matches(VERSION, node.version()), "version", node.version(), "at most 64 characters");
    expect(time(node.epoch()), "epoch", "" + node.epoch(), "milliseconds since 1970");
    expect(
        time(beat.load().sampledAtMs()),
        "sampledAtMs",
        "" + beat.load().sampledAtMs(),
        "milliseconds since 1970");
    url("http", node.urls().http());
    url("https", node.urls().https());
    url("rtmp", node.urls().rtmp());
    url("rtmps", node.urls().rtmps());
    expect(
        !edge || !node.urls().forNodes().isEmpty(),
        "httpUrl",
        "",
        "http://HOST[:PORT], or such an httpsUrl");
    int addresses = node.addresses().size();
    expect(addresses <= MOST_ADDRESSES, "addresses", addresses + " of them", "at most 16");
    for (String address : node.addresses()) {
      expect(reachable(address), "addresses", address, "an IP address that clients can reach");
    }
  }

  private static void url(String scheme, String url) {
    expect(
        url.isEmpty() || base(url, scheme),
        scheme + "Url",
        url,
        scheme + "://HOST[:PORT], at most 300 characters");
  }

  /** The streams that can be shown: none whose name cannot be one, and a limited number. */
  private static List<String> shown(List<String> streams) {
    return streams.stream().filter(s -> matches(STREAM, s)).limit(MOST_STREAMS).toList();
  }

  /** Whether a playlist may say it: what cannot be is left out, as a stream's name is. */
  private static boolean good(StreamReport stream) {
    return matches(STREAM, stream.stream())
        && matches(CODECS, stream.codecs())
        && (stream.renditionOf().isEmpty() || matches(STREAM, stream.renditionOf()))
        && stream.bitsPerSecond() >= 0
        && stream.bitsPerSecond() <= MOST_BITS
        && side(stream.width())
        && side(stream.height());
  }

  private static boolean side(int pixels) {
    return pixels >= 0 && pixels <= LONGEST_SIDE;
  }

  private static boolean matches(Pattern pattern, String text) {
    return text.length() <= LONGEST_URL && pattern.matcher(text).matches();
  }

  private static boolean time(long ms) {
    return ms >= 0 && ms < LATEST_MS;
  }

  private static boolean base(String url, String scheme) {
    if (url.length() > LONGEST_URL) {
      return false;
    }
    try {
      URI uri = URI.create(url);
      String host = uri.getHost();
      int port = uri.getPort();
      return scheme.equals(uri.getScheme())
          && host != null
          && host(host)
          && (port == -1 ? !uri.getRawAuthority().endsWith(":") : port >= 1 && port <= 65_535)
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && PATH.matcher(uri.getRawPath()).matches();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** A name, or an address in the one form that every program reads alike. */
  private static boolean host(String host) {
    if (!HOST.matcher(host).matches()) {
      return false;
    }
    return host.startsWith("[")
        ? reachable(host.substring(1, host.length() - 1))
        : !NUMBER.matcher(host).matches() || reachable(host);
  }

  /** A literal of one host: none of "any", multicast, broadcast, or good on one link only. */
  private static boolean reachable(String address) {
    try {
      InetAddress literal = IpLiteral.parse(address);
      return !literal.isAnyLocalAddress()
          && !literal.isMulticastAddress()
          && !literal.isLinkLocalAddress()
          && !address.equals("255.255.255.255");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void expect(boolean holds, String what, String value, String expected) {
    if (!holds) {
      String shown =
          value.length() > LONGEST_ECHO ? value.substring(0, LONGEST_ECHO) + "..." : value;
      throw new HeartbeatException(
          Reason.MALFORMED, what + ": " + shown + " (expected: " + expected + ")");
    }
  }
}
