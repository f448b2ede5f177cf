package dev.sluice.chassis.config;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What others are told about this node: a base URL for each scheme, and addresses. Empty values are
 * derived from where the server really listens, once it does ({@link PublicUrls}).
 */
public record PublicConfig(
    @Setting(
            doc = "Base URL for viewers and other nodes; empty = from the address listened on.",
            def = "",
            example = "http://eu-1.example.net")
        @Nullable HttpRoot http,
    @Setting(
            doc =
                "Base URL for viewers that come with https; empty = the https listener, if enabled,"
                    + " at the host of advertise.http.",
            def = "",
            example = "https://eu-1.example.net")
        @Nullable HttpRoot https,
    @Setting(
            doc = "Base URL for RTMP; empty = from the address listened on.",
            def = "",
            example = "rtmp://eu-1.example.net")
        @Nullable RtmpRoot rtmp,
    @Setting(
            doc =
                "Base URL for RTMP with TLS; empty = the rtmps listener, if enabled, at the host of"
                    + " advertise.rtmp.",
            def = "",
            example = "rtmps://eu-1.example.net:1936")
        @Nullable RtmpRoot rtmps,
    @Setting(
            doc = "IP addresses that DNS may name for this node; empty = the address listened on.",
            def = "",
            example = "192.0.2.10, 2001:db8::10")
        List<InetAddress> addresses,
    @Setting(
            doc =
                "HTTP port at advertise.addresses, where balancers probe each; 0 = the port of"
                    + " advertise.http, which is what viewers who come by DNS use.",
            def = "0",
            range = "0..65535")
        int addressPort) {

  /** Everything derived. */
  public static final PublicConfig DERIVED = new PublicConfig(null, null, null, null, List.of(), 0);

  /** Copies the list and rejects URLs of another scheme than their own. */
  public PublicConfig {
    require("http", http == null ? null : http.uri());
    require("https", https == null ? null : https.uri());
    require("rtmp", rtmp == null ? null : rtmp.uri());
    require("rtmps", rtmps == null ? null : rtmps.uri());
    addresses = List.copyOf(addresses);
  }

  private static void require(String scheme, @Nullable URI told) {
    if (told != null && !told.getScheme().equals(scheme)) {
      throw new IllegalArgumentException(
          scheme + ": " + told + " (expected: " + scheme + "://...; each scheme has its own key)");
    }
  }
}
