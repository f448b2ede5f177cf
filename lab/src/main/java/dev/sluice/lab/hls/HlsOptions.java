package dev.sluice.lab.hls;

import dev.sluice.lab.bench.LoopbackOnly;
import dev.sluice.lab.bench.SourceAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param url of a media playlist: {@code http://HOST[:PORT]/PATH.m3u8}
 * @param viewers how many, 1..100,000
 * @param window how long to measure
 * @param warmup how long all play before that
 * @param rampPerSecond new viewers per second
 * @param pids processes of the server, to be charged; may be empty
 * @param sources where viewers connect from; null = the system's choice
 * @param loops event loops of the client
 */
public record HlsOptions(
    URI url,
    int viewers,
    Duration window,
    Duration warmup,
    double rampPerSecond,
    List<Long> pids,
    @Nullable SourceAddresses sources,
    int loops) {
  private static final int MAX_VIEWERS = 100_000;
  private static final int HTTP_PORT = 80;

  /** Refuses what cannot be measured. */
  public HlsOptions {
    require(
        "http".equals(url.getScheme()) && url.getHost() != null && !url.getRawPath().isEmpty(),
        "url",
        url,
        "http://HOST[:PORT]/PATH.m3u8");
    require(viewers >= 1 && viewers <= MAX_VIEWERS, "viewers", viewers, "1..100000");
    require(!window.isNegative() && !window.isZero(), "duration", window, "above 0");
    require(!warmup.isNegative(), "warmup", warmup, "0 or more");
    require(rampPerSecond > 0, "ramp", rampPerSecond, "above 0 per second");
    require(loops >= 1, "loops", loops, "1 or more");
    pids = List.copyOf(pids);
  }

  /**
   * Where to connect to.
   *
   * @throws IllegalArgumentException for an unknown host, or one that is not loopback
   */
  InetSocketAddress address() {
    try {
      InetAddress host = InetAddress.getByName(url.getHost().replaceAll("[\\[\\]]", ""));
      LoopbackOnly.check(host);
      return new InetSocketAddress(host, url.getPort() > 0 ? url.getPort() : HTTP_PORT);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("host: " + url.getHost() + " (expected: a known host)", e);
    }
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("%s: %s (expected: %s)".formatted(name, value, expected));
    }
  }
}
