package dev.sluice.edge.live;

/**
 * What {@code /api/node} tells of one upstream.
 *
 * @param address HOST:PORT
 * @param tier parent or origin
 * @param state {@code unknown} until it was asked, {@code up}, or {@code failing}
 * @param failures attempts in a row that it did not answer
 * @param rttMs smoothed round trip, negative while unknown
 * @param costMs by which it is compared with others of its tier; the lower, the better
 * @param retryInMs when it is tried again, while it fails
 * @param answeredMsAgo since it last answered, negative when it never did
 * @param connecting attempts that run now
 * @param streams that come from it now
 */
public record UpstreamStatus(
    String address,
    String tier,
    String state,
    int failures,
    double rttMs,
    double costMs,
    long retryInMs,
    long answeredMsAgo,
    int connecting,
    int streams) {

  static UpstreamStatus of(Upstream upstream, long nowNanos) {
    UpstreamHealth health = upstream.health();
    boolean answered = health.answeredNanos() != UpstreamHealth.NEVER;
    return new UpstreamStatus(
        upstream.address().toString(),
        upstream.tier().word(),
        health.failing() ? "failing" : answered ? "up" : "unknown",
        health.failures(),
        tenths(health.rttMs()),
        tenths(health.costMs(nowNanos)),
        (upstream.notBefore(nowNanos) - nowNanos) / 1_000_000,
        answered ? (nowNanos - health.answeredNanos()) / 1_000_000 : -1,
        upstream.attempts(),
        upstream.streams().get());
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
