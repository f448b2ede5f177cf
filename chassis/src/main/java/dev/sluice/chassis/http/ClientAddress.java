package dev.sluice.chassis.http;

import dev.sluice.chassis.config.Cidr;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who the client is behind proxies that we trust. Pure. */
final class ClientAddress {
  private ClientAddress() {}

  /**
   * Walks {@code Forwarded} (RFC 7239) or else {@code X-Forwarded-For} from the right: the first
   * address that is no trusted proxy is the client. Nothing is believed from a peer that is not
   * trusted itself, nor to the left of an entry that is no address.
   */
  static InetAddress of(InetAddress peer, HttpHeaders headers, List<Cidr> trusted) {
    if (trusted.isEmpty() || !Cidr.anyContains(trusted, peer)) {
      return peer;
    }
    List<String> hops = forwarded(headers, "for=", "X-Forwarded-For");
    InetAddress client = hops.isEmpty() ? null : parse(hops.get(believed(hops, trusted)));
    return client == null ? peer : client;
  }

  /**
   * Whether the client spoke TLS to the first proxy that is trusted, by {@code proto} of {@code
   * Forwarded} or else {@code X-Forwarded-Proto} of the same hop. Where no proxy says that, whether
   * this connection has it.
   *
   * @param tls whether this connection has it
   */
  static boolean secure(boolean tls, InetAddress peer, HttpHeaders headers, List<Cidr> trusted) {
    if (trusted.isEmpty() || !Cidr.anyContains(trusted, peer)) {
      return tls;
    }
    List<String> schemes = forwarded(headers, "proto=", "X-Forwarded-Proto");
    if (schemes.isEmpty()) {
      return tls;
    }
    List<String> hops = forwarded(headers, "for=", "X-Forwarded-For");
    int fromRight = hops.isEmpty() ? 1 : hops.size() - believed(hops, trusted);
    String scheme = unquoted(schemes.get(Math.max(0, schemes.size() - fromRight)));
    return scheme.isEmpty()
        ? tls
        : scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("wss");
  }

  /** The index of the client: the first from the right that is no trusted proxy. */
  private static int believed(List<String> hops, List<Cidr> trusted) {
    int client = hops.size() - 1;
    for (int i = client; i >= 0; i--) {
      InetAddress hop = parse(hops.get(i));
      if (hop == null) {
        return client;
      }
      client = i;
      if (!Cidr.anyContains(trusted, hop)) {
        return client;
      }
    }
    return client;
  }

  /** One value for each hop, from {@code Forwarded} if that is there, else from the usual field. */
  private static List<String> forwarded(HttpHeaders headers, String parameter, String field) {
    List<String> hops = new ArrayList<>();
    List<String> standard = headers.getAll("Forwarded");
    if (!standard.isEmpty()) {
      for (String element : String.join(",", standard).split(",")) {
        String hop = "";
        for (String pair : element.split(";")) {
          String trimmed = pair.trim();
          if (trimmed.regionMatches(true, 0, parameter, 0, parameter.length())) {
            hop = trimmed.substring(parameter.length());
          }
        }
        hops.add(hop);
      }
      return hops;
    }
    List<String> usual = headers.getAll(field);
    if (!usual.isEmpty()) {
      Collections.addAll(hops, String.join(",", usual).split(","));
    }
    return hops;
  }

  private static String unquoted(String text) {
    String s = text.trim();
    return s.length() >= 2 && s.startsWith("\"") && s.endsWith("\"")
        ? s.substring(1, s.length() - 1)
        : s;
  }

  /** An address, perhaps quoted, in brackets or with a port; null for names and {@code unknown}. */
  private static @Nullable InetAddress parse(String text) {
    String s = unquoted(text);
    if (s.startsWith("[")) {
      int close = s.indexOf(']');
      s = close < 0 ? s : s.substring(1, close);
    } else if (s.indexOf(':') >= 0 && s.indexOf(':') == s.lastIndexOf(':')) {
      s = s.substring(0, s.indexOf(':'));
    }
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(s);
    if (bytes == null) {
      return null;
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      return null;
    }
  }
}
