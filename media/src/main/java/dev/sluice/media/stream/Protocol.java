package dev.sluice.media.stream;

import java.util.Locale;

/** What a viewer speaks. The word is the metric's {@code protocol} tag. */
public enum Protocol {
  /** RTMP. */
  RTMP,
  /** HTTP-FLV, chunked or to the end of the connection. */
  FLV,
  /** WS-FLV: FLV in WebSocket messages. */
  WS;

  /** Lower case, for metrics, logs and JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
