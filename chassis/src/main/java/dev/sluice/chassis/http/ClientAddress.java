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
    List<String> hops = forwarded(headers);
    InetAddress client = peer;
    for (int i = hops.size() - 1; i >= 0; i--) {
      InetAddress hop = parse(hops.get(i));
      if (hop == null) {
        return client;
      }
      client = hop;
      if (!Cidr.anyContains(trusted, hop)) {
        return client;
      }
    }
    return client;
  }

  private static List<String> forwarded(HttpHeaders headers) {
    List<String> hops = new ArrayList<>();
    List<String> standard = headers.getAll("Forwarded");
    if (!standard.isEmpty()) {
      for (String element : String.join(",", standard).split(",")) {
        String hop = "";
        for (String pair : element.split(";")) {
          String trimmed = pair.trim();
          if (trimmed.regionMatches(true, 0, "for=", 0, 4)) {
            hop = trimmed.substring(4);
          }
        }
        hops.add(hop);
      }
      return hops;
    }
    List<String> usual = headers.getAll("X-Forwarded-For");
    if (!usual.isEmpty()) {
      Collections.addAll(hops, String.join(",", usual).split(","));
    }
    return hops;
  }

  /** An address, perhaps quoted, in brackets or with a port; null for names and {@code unknown}. */
  private static @Nullable InetAddress parse(String text) {
    String s = text.trim();
    if (s.length() >= 2 && s.startsWith("\"") && s.endsWith("\"")) {
      s = s.substring(1, s.length() - 1);
    }
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
