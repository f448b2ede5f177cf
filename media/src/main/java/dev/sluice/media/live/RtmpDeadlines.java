package dev.sluice.media.live;

import java.time.Duration;

/**
 * How long a client waits for a server.
 *
 * @param connect for the TCP connection
 * @param ready from then on until the server accepts to play or to publish
 * @param media longest time without a byte while playing, the first included
 */
public record RtmpDeadlines(Duration connect, Duration ready, Duration media) {
  /** 5 s, 10 s and 10 s. */
  public static final RtmpDeadlines DEFAULT =
      new RtmpDeadlines(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(10));
}
