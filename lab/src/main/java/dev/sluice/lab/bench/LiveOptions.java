package dev.sluice.lab.bench;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param streams how many streams the viewers share, {@code NAME-0} and so on; 1 = the URL's own
 * @param viewers how many, 1..100,000
 * @param window how long to measure
 * @param warmup how long all viewers play before that
 * @param rampPerSecond new viewers per second
 * @param pids processes of the server, to be charged; may be empty
 * @param sources where viewers connect from; null = the system's choice
 * @param sampleEvery each such viewer, and the first 20, read the stream message by message
 * @param stall a silence that counts as a stall
 * @param loops event loops of the client
 * @param startLimit how long after the ramp the last viewer may take to show a picture
 */
public record LiveOptions(
    StreamUrl url,
    int streams,
    int viewers,
    Duration window,
    Duration warmup,
    double rampPerSecond,
    List<Long> pids,
    @Nullable SourceAddresses sources,
    int sampleEvery,
    Duration stall,
    int loops,
    Duration startLimit) {
  private static final int ALWAYS_SAMPLED = 20;
  private static final int MAX_VIEWERS = 100_000;

  public LiveOptions {
    require(streams >= 1, "streams", streams, "1 or more");
    require(viewers >= 1 && viewers <= MAX_VIEWERS, "viewers", viewers, "1..100000");
    require(!window.isNegative() && !window.isZero(), "duration", window, "above 0");
    require(!warmup.isNegative(), "warmup", warmup, "0 or more");
    require(rampPerSecond > 0, "ramp", rampPerSecond, "above 0 per second");
    require(sampleEvery >= 1, "sample-every", sampleEvery, "1 or more");
    require(!stall.isNegative() && !stall.isZero(), "stall", stall, "above 0");
    require(loops >= 1, "loops", loops, "1 or more");
  }

  /** The usual measurement: 24 s after 5 s, 400 viewers/s, stalls of 1 s, one loop. */
  public static LiveOptions of(StreamUrl url, int viewers) {
    return new LiveOptions(
        url,
        1,
        viewers,
        Duration.ofSeconds(24),
        Duration.ofSeconds(5),
        400,
        List.of(),
        null,
        50,
        Duration.ofSeconds(1),
        1,
        Duration.ofSeconds(15));
  }

  public LiveOptions lasting(Duration newWarmup, Duration newWindow) {
    return new LiveOptions(
        url,
        streams,
        viewers,
        newWindow,
        newWarmup,
        rampPerSecond,
        pids,
        sources,
        sampleEvery,
        stall,
        loops,
        startLimit);
  }

  LiveOptions from(SourceAddresses newSources) {
    return new LiveOptions(
        url,
        streams,
        viewers,
        window,
        warmup,
        rampPerSecond,
        pids,
        newSources,
        sampleEvery,
        stall,
        loops,
        startLimit);
  }

  /** What the viewer with this number plays. */
  StreamUrl urlOf(int number) {
    return streams == 1 ? url : url.numbered(number % streams);
  }

  boolean sampled(int number) {
    return number < ALWAYS_SAMPLED || number % sampleEvery == 0;
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("%s: %s (expected: %s)".formatted(name, value, expected));
    }
  }
}
