package dev.sluice.chassis.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What others are told about a node that listens: what its {@link PublicConfig} says, and for each
 * scheme of which that says nothing, the port listened on at the host that it names for another, or
 * else at the address listened on. A listener on loopback (behind a proxy on the same machine) is
 * told only when nothing else is.
 *
 * @param http base URL without a slash at its end; this and the others are empty when there is none
 * @param https the same with TLS
 * @param rtmp base URL for RTMP
 * @param rtmps the same with TLS
 * @param addresses literals that DNS may name
 */
public record PublicUrls(
    String http, String https, String rtmp, String rtmps, List<String> addresses) {

  /** Copies the list. */
  public PublicUrls {
    addresses = List.copyOf(addresses);
  }

  /**
   * With where the listeners are bound; null stands for one that there is not.
   *
   * @param http of plain HTTP, which every node has
   */
  public static PublicUrls of(
      PublicConfig told,
      InetSocketAddress http,
      @Nullable InetSocketAddress https,
      @Nullable InetSocketAddress rtmp,
      @Nullable InetSocketAddress rtmps) {
    URI web = uri(told.https() == null ? told.http() : told.https());
    URI video = uri(told.rtmps() == null ? told.rtmp() : told.rtmps());
    String name = web == null ? "" : web.getHost();
    String rtmpName = video == null ? name : video.getHost();
    List<String> addresses =
        told.addresses().isEmpty()
            ? List.of(literal(http.getAddress()))
            : told.addresses().stream().map(InetAddress::getHostAddress).toList();
    return new PublicUrls(
        url("http", uri(told.http()), name, http),
        url("https", uri(told.https()), name, https),
        url("rtmp", uri(told.rtmp()), rtmpName, rtmp),
        url("rtmps", uri(told.rtmps()), rtmpName, rtmps),
        addresses);
  }

  private static @Nullable URI uri(@Nullable HttpRoot root) {
    return root == null ? null : root.uri();
  }

  private static @Nullable URI uri(@Nullable RtmpRoot root) {
    return root == null ? null : root.uri();
  }

  private static String url(
      String scheme, @Nullable URI told, String name, @Nullable InetSocketAddress listener) {
    if (told != null) {
      return told.toString();
    }
    if (listener == null || (listener.getAddress().isLoopbackAddress() && !name.isEmpty())) {
      return "";
    }
    String host = name.isEmpty() ? bracketed(literal(listener.getAddress())) : name;
    return scheme + "://" + host + ":" + listener.getPort();
  }

  private static String bracketed(String literal) {
    return literal.indexOf(':') < 0 ? literal : "[" + literal + "]";
  }

  /** The literal address; one of this machine when all were listened on. */
  private static String literal(InetAddress listened) {
    InetAddress ip = listened;
    if (ip.isAnyLocalAddress()) {
      try {
        ip = InetAddress.getLocalHost();
      } catch (UnknownHostException e) {
        ip = InetAddress.getLoopbackAddress();
      }
    }
    String host = ip.getHostAddress();
    int scope = host.indexOf('%');
    return scope < 0 ? host : host.substring(0, scope);
  }
}
