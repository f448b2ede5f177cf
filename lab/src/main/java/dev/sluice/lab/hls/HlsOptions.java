package dev.sluice.lab.hls;

import dev.sluice.lab.bench.LoopbackOnly;
import dev.sluice.lab.bench.SourceAddresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param url of a media playlist: {@code http://HOST[:PORT]/PATH.m3u8}, or https; of a server that
 *     has what is replayed the directory in which it lies
 * @param http2 whether to speak HTTP/2, which wants https
 * @param record where to write down what the first player gets in the window; null = nowhere
 * @param replay where a schedule was recorded, which all players follow; null = they play
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
    boolean http2,
    @Nullable Path record,
    @Nullable Path replay,
    int viewers,
    Duration window,
    Duration warmup,
    double rampPerSecond,
    List<Long> pids,
    @Nullable SourceAddresses sources,
    int loops) {
  private static final int MAX_VIEWERS = 100_000;
  private static final String HTTP = "http";
  private static final String HTTPS = "https";
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /** Refuses what cannot be measured. */
  public HlsOptions {
    require(
        url.getHost() != null
            && (HTTP.equals(url.getScheme()) || HTTPS.equals(url.getScheme()))
            && (replay != null || !url.getRawPath().isEmpty()),
        "url",
        url,
        "http://HOST[:PORT]/PATH.m3u8 or https://…");
    require(!http2 || HTTPS.equals(url.getScheme()), "http2", url, "an https URL");
    require(record == null || replay == null, "record", String.valueOf(record), "no replay");
    require(viewers >= 1 && viewers <= MAX_VIEWERS, "viewers", viewers, "1..100000");
    require(!window.isNegative() && !window.isZero(), "duration", window, "above 0");
    require(!warmup.isNegative(), "warmup", warmup, "0 or more");
    require(rampPerSecond > 0, "ramp", rampPerSecond, "above 0 per second");
    require(loops >= 1, "loops", loops, "1 or more");
    pids = List.copyOf(pids);
  }

  boolean secure() {
    return HTTPS.equals(url.getScheme());
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
      int port = secure() ? HTTPS_PORT : HTTP_PORT;
      return new InetSocketAddress(host, url.getPort() > 0 ? url.getPort() : port);
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
