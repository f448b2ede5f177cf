package dev.sluice.edge.live;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.Setting;
import dev.sluice.chassis.lifecycle.Backoff;
import java.time.Duration;
import java.util.List;

/** How an edge pulls live streams from origins, or from parent edges. */
public record RelayConfig(
    @Setting(
            doc =
                "RTMP addresses of the origins; the healthiest and nearest is asked first, and those"
                    + " that are equal share the streams.",
            def = "",
            example = "origin-1.example:1935, origin-2.example:1935")
        List<HostPort> origins,
    @Setting(
            doc =
                "RTMP addresses of edges of this region that are asked before the origins; when none"
                    + " of them answers, the origins are.",
            def = "",
            example = "eu-parent.example:1935")
        List<HostPort> parents,
    @Setting(
            doc =
                "Whether origins and parents are asked over TLS (RTMPS), those of ingest.forward"
                    + " too; the ports are then theirs for it.",
            def = "false")
        boolean tls,
    @Setting(
            doc =
                "PEM file of the authorities that sign their certificates; empty = those that the"
                    + " Java runtime trusts.",
            def = "",
            example = "/etc/sluice/tls/ca.pem")
        String tlsAuthorities,
    @Setting(
            doc =
                "What is kept ready beside the upstream of each stream: off, connected (a second"
                    + " connection) or pulled (the stream a second time, so that no frame is lost"
                    + " when two origins have the same stream).",
            def = "off")
        Standby standby,
    @Setting(
            expert = true,
            doc = "Most media kept of the second pull of a stream.",
            def = "8MiB",
            range = "64KiB..1GiB")
        ByteSize standbyBytes,
    @Setting(
            expert = true,
            doc =
                "An upstream that sends nothing of a stream for this long is left when a second"
                    + " pull goes on; without one, another upstream of its tier is asked meanwhile.",
            def = "2s",
            range = "100ms..60s")
        Duration standbySilence,
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
    @Setting(
            expert = true,
            doc = "Longest wait before the first retry; each wait is drawn from 0 to the longest.",
            def = "250ms",
            range = "10ms..60s")
        Duration firstRetry,
    @Setting(
            expert = true,
            doc = "Longest wait between retries; it doubles up to this.",
            def = "5s",
            range = "10ms..5m")
        Duration longestRetry,
    @Setting(
            expert = true,
            doc =
                "Longest time for the TCP connection to an upstream; shorter once its round trip is"
                    + " known.",
            def = "3s",
            range = "100ms..60s")
        Duration connectTimeout,
    @Setting(
            expert = true,
            doc =
                "Longest time for an upstream to answer; longer than its joinWait. The handshake"
                    + " gets less once the round trip is known.",
            def = "10s",
            range = "500ms..60s")
        Duration answerTimeout,
    @Setting(
            expert = true,
            doc =
                "An upstream that sends nothing for this long is left, and an origin that takes"
                    + " nothing of a publisher's stream.",
            def = "10s",
            range = "500ms..10m")
        Duration mediaTimeout,
    @Setting(
            expert = true,
            doc = "How long a stream that no origin has is refused without asking again.",
            def = "1s",
            range = "0s..60s")
        Duration absentTtl,
    @Setting(
            expert = true,
            doc = "Most names remembered as absent; further ones are asked for again.",
            def = "10000",
            range = "0..10000000")
        int absentNames,
    @Setting(doc = "Most streams pulled at once.", def = "5000", range = "1..100000")
        int maxStreams,
    @Setting(
            expert = true,
            doc =
                "Most connections being made to one upstream at once; the others wait their turn, so"
                    + " that an origin that returns is not run over.",
            def = "64",
            range = "1..10000")
        int maxConnecting) {

  /** Copies the lists. */
  public RelayConfig {
    origins = List.copyOf(origins);
    parents = List.copyOf(parents);
  }

  /** Every setting at its documented default. */
  public static RelayConfig of(List<HostPort> origins) {
    return new RelayConfig(
        origins,
        List.of(),
        false,
        "",
        Standby.OFF,
        ByteSize.ofMiB(8),
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        Duration.ofSeconds(15),
        Duration.ofMillis(250),
        Duration.ofSeconds(5),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        10_000,
        5000,
        64);
  }

  /** The same with parents. */
  public RelayConfig below(List<HostPort> edges) {
    return new RelayConfig(
        origins,
        edges,
        tls,
        tlsAuthorities,
        standby,
        standbyBytes,
        standbySilence,
        linger,
        hold,
        firstRetry,
        longestRetry,
        connectTimeout,
        answerTimeout,
        mediaTimeout,
        absentTtl,
        absentNames,
        maxStreams,
        maxConnecting);
  }

  /** The same with another bound of silence. */
  RelayConfig withMediaTimeout(Duration silence) {
    return new RelayConfig(
        origins,
        parents,
        tls,
        tlsAuthorities,
        standby,
        standbyBytes,
        standbySilence,
        linger,
        hold,
        firstRetry,
        longestRetry,
        connectTimeout,
        answerTimeout,
        silence,
        absentTtl,
        absentNames,
        maxStreams,
        maxConnecting);
  }

  /** The same with something kept ready. */
  public RelayConfig withStandby(Standby kept) {
    return new RelayConfig(
        origins,
        parents,
        tls,
        tlsAuthorities,
        kept,
        standbyBytes,
        standbySilence,
        linger,
        hold,
        firstRetry,
        longestRetry,
        connectTimeout,
        answerTimeout,
        mediaTimeout,
        absentTtl,
        absentNames,
        maxStreams,
        maxConnecting);
  }

  Backoff backoff() {
    Duration first = firstRetry.compareTo(longestRetry) < 0 ? firstRetry : longestRetry;
    return new Backoff(first, longestRetry);
  }
}
