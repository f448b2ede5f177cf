package dev.sluice.chassis.config;

import java.util.List;

/** Where a server listens for RTMP. */
public record RtmpConfig(
    @Setting(doc = "Address to listen on.", def = "0.0.0.0") String bind,
    @Setting(doc = "Port to listen on; 0 takes a free one.", def = "1935", range = "0..65535")
        int port,
    @Setting(doc = "Further addresses to serve the same on, as HOST:PORT.", def = "")
        List<HostPort> also) {

  /** Copies the list. */
  public RtmpConfig {
    also = List.copyOf(also);
  }

  /** One address. */
  public static RtmpConfig of(String bind, int port) {
    return new RtmpConfig(bind, port, List.of());
  }
}
