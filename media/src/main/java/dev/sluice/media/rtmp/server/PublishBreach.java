package dev.sluice.media.rtmp.server;

import java.util.Locale;

/**
 * A publisher exceeds a limit.
 *
 * @param fatal false when it may go on for now: a rate was exceeded for a while
 * @param advice for the encoder's operator
 */
record PublishBreach(Limit limit, boolean fatal, String advice) {
  /** Which limit. The word is the metric's {@code limit} tag. */
  enum Limit {
    BITRATE,
    CODEC,
    RESOLUTION,
    FRAME_RATE;

    /** Lower case, for metrics and logs. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
