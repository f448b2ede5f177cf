package dev.sluice.media.rtmp.client;

import java.time.Duration;

/**
 * How long a client waits for a server.
 *
 * @param connect for the TCP connection
 * @param command from then on until the handshake is done and the request can be sent
 * @param ready from then on until the server accepts to play or to publish
 * @param media longest time without a byte while playing, the first included; while publishing,
 *     longest time in which bytes wait and the server takes none
 */
public record RtmpDeadlines(Duration connect, Duration command, Duration ready, Duration media) {
  /** 5 s, 10 s, 10 s and 10 s. */
  public static final RtmpDeadlines DEFAULT =
      new RtmpDeadlines(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));
}
