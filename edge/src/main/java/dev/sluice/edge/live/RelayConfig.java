package dev.sluice.edge.live;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.Setting;
import dev.sluice.media.live.RtmpDeadlines;
import java.time.Duration;
import java.util.List;

/** How an edge pulls live streams from origins. */
public record RelayConfig(
    @Setting(
            doc = "RTMP addresses of the origins, tried in turn.",
            def = "",
            example = "origin-1.example:1935, origin-2.example:1935")
        List<HostPort> origins,
    @Setting(
            doc =
                "Whether the origins are asked over TLS (RTMPS); the ports are then theirs for it.",
            def = "false")
        boolean tls,
    @Setting(
            doc =
                "PEM file of the authorities that sign the origins' certificates; empty = those"
                    + " that the Java runtime trusts.",
            def = "",
            example = "/etc/sluice/tls/ca.pem")
        String tlsAuthorities,
    @Setting(
            doc = "How long a stream is still pulled after its last viewer left.",
            def = "30s",
            range = "0s..1h")
        Duration linger,
    @Setting(
            doc = "How long viewers are kept while no origin can be reached.",
            def = "15s",
            range = "0s..10m")
        Duration hold,
    @Setting(doc = "Wait before the first retry.", def = "250ms", range = "10ms..60s")
        Duration firstRetry,
    @Setting(doc = "Longest wait between retries.", def = "5s", range = "10ms..5m")
        Duration longestRetry,
    @Setting(doc = "Time for the TCP connection to an origin.", def = "3s", range = "100ms..60s")
        Duration connectTimeout,
    @Setting(
            doc = "Time for an origin to answer; longer than its joinWait.",
            def = "10s",
            range = "500ms..60s")
        Duration answerTimeout,
    @Setting(
            doc = "An origin that sends nothing for this long is left.",
            def = "10s",
            range = "500ms..10m")
        Duration mediaTimeout,
    @Setting(
            doc = "How long a stream that no origin has is refused without asking again.",
            def = "1s",
            range = "0s..60s")
        Duration absentTtl,
    @Setting(doc = "Most streams pulled at once.", def = "5000", range = "1..100000")
        int maxStreams) {

  /** Copies the list. */
  public RelayConfig {
    origins = List.copyOf(origins);
  }

  /** Every setting at its documented default. */
  public static RelayConfig of(List<HostPort> origins) {
    return new RelayConfig(
        origins,
        false,
        "",
        Duration.ofSeconds(30),
        Duration.ofSeconds(15),
        Duration.ofMillis(250),
        Duration.ofSeconds(5),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        5000);
  }

  Backoff backoff() {
    Duration first = firstRetry.compareTo(longestRetry) < 0 ? firstRetry : longestRetry;
    return new Backoff(first, longestRetry, 0.5);
  }

  RtmpDeadlines deadlines() {
    return new RtmpDeadlines(connectTimeout, answerTimeout, mediaTimeout);
  }
}
