package dev.sluice.chassis.config;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What others are told about this node. Empty values are derived from where the server really
 * listens, once it does.
 */
public record PublicConfig(
    @Setting(
            doc = "Base URL for viewers and other nodes; empty = from the address listened on.",
            def = "",
            example = "http://eu-1.example.net")
        @Nullable HttpRoot http,
    @Setting(
            doc = "Base URL for RTMP; empty = from the address listened on.",
            def = "",
            example = "rtmp://eu-1.example.net")
        @Nullable RtmpRoot rtmp,
    @Setting(
            doc = "IP addresses that DNS may name for this node; empty = the address listened on.",
            def = "",
            example = "192.0.2.10, 2001:db8::10")
        List<InetAddress> addresses) {

  /** Everything derived. */
  public static final PublicConfig DERIVED = new PublicConfig(null, null, List.of());

  /** Copies the list. */
  public PublicConfig {
    addresses = List.copyOf(addresses);
  }
}
