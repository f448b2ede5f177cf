package dev.sluice.chassis.config;

import java.util.List;

/**
 * What others are told about this node. Empty values are derived from where the server really
 * listens, once it does.
 */
public record PublicConfig(
    @Setting(
            doc = "Base URL for viewers and other nodes; empty = from the address listened on.",
            def = "",
            example = "http://eu-1.example.net")
        String http,
    @Setting(
            doc = "Base URL for RTMP; empty = from the address listened on.",
            def = "",
            example = "rtmp://eu-1.example.net")
        String rtmp,
    @Setting(
            doc = "IP addresses that DNS may name for this node; empty = the address listened on.",
            def = "",
            example = "192.0.2.10, 2001:db8::10")
        List<String> addresses) {

  /** Everything derived. */
  public static final PublicConfig DERIVED = new PublicConfig("", "", List.of());

  /** Copies the list and cuts slashes at the end of URLs. */
  public PublicConfig {
    http = http.replaceAll("/+$", "");
    rtmp = rtmp.replaceAll("/+$", "");
    addresses = List.copyOf(addresses);
  }
}
