package dev.sluice.chassis.http;

import dev.sluice.chassis.config.Cidr;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom a server believes.
 *
 * @param proxies whose word on the client's address, its scheme and the request id is taken
 * @param ownNames hosts under which pages of this server itself are asked for
 */
public record Trust(List<Cidr> proxies, List<String> ownNames) {

  /** Copies both lists. */
  public Trust {
    proxies = List.copyOf(proxies);
    ownNames = List.copyOf(ownNames);
  }

  /** True if the peer is a proxy of ours. */
  public boolean isProxy(@Nullable SocketAddress peer) {
    return peer instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && Cidr.anyContains(proxies, inet.getAddress());
  }

  /** The client behind proxies that are trusted; see {@link ClientAddress}. */
  InetAddress client(InetSocketAddress remote, HttpHeaders headers) {
    InetAddress peer = remote.getAddress();
    return peer == null
        ? InetAddress.getLoopbackAddress()
        : ClientAddress.of(peer, headers, proxies);
  }

  /** Whether a client behind trusted proxies spoke TLS. */
  boolean secure(boolean tls, InetSocketAddress remote, HttpHeaders headers) {
    InetAddress peer = remote.getAddress();
    return peer == null ? tls : ClientAddress.secure(tls, peer, headers, proxies);
  }
}
