package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.Inlined;
import dev.sluice.chassis.config.RtmpRoot;
import dev.sluice.chassis.config.Setting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a server listens for RTMP, and what those who connect may do. */
public record RtmpConfig(
    @Setting(doc = "Address to listen on.", def = "0.0.0.0") String bind,
    @Setting(doc = "Port to listen on; 0 takes a free one.", def = "1935", range = "0..65535")
        int port,
    @Setting(doc = "Further addresses to serve the same on, as HOST:PORT.", def = "")
        List<HostPort> also,
    @Setting(
            doc =
                "Where encoders and players that understand it (Enhanced RTMP) are sent when this"
                    + " server drains: a base URL to which their app is added; empty = to the URL"
                    + " they used, which is right where it is a name in DNS.",
            def = "",
            example = "rtmp://cdn.example.net")
        @Nullable RtmpRoot reconnectTo,
    @Inlined RtmpConnectionLimits limits) {

  /** Copies the list. */
  public RtmpConfig {
    also = List.copyOf(also);
  }

  /** One address. */
  public static RtmpConfig of(String bind, int port) {
    return of(bind, port, RtmpConnectionLimits.defaults());
  }

  /** One address, other limits. */
  public static RtmpConfig of(String bind, int port, RtmpConnectionLimits limits) {
    return new RtmpConfig(bind, port, List.of(), null, limits);
  }
}
