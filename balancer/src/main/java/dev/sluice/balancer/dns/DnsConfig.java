package dev.sluice.balancer.dns;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;
import java.util.List;

/** The zone that this balancer answers for, and where it listens. */
public record DnsConfig(
    @Setting(doc = "Zone to answer for; empty = no DNS.", def = "", example = "cdn.example")
        String zone,
    @Setting(doc = "Address to listen on, UDP and TCP.", def = "0.0.0.0") String bind,
    @Setting(doc = "Port to listen on; 0 takes a free one.", def = "8053", range = "0..65535")
        int port,
    @Setting(
            doc =
                "Further addresses to listen on, as HOST:PORT. A host with several addresses should"
                    + " list each, so that answers leave from the address that was asked.",
            def = "")
        List<HostPort> also,
    @Setting(
            doc = "Names of the zone's name servers; relative ones are in the zone.",
            def = "ns1",
            example = "ns1, ns2.example.net.")
        List<String> nameServers,
    @Setting(
            doc = "Names answered with edges: @ is the zone itself, * any name that is not listed.",
            def = "@",
            example = "@, *")
        List<String> edgeNames,
    @Setting(
            doc = "Fixed records, as in a zone file: NAME [TTL] TYPE DATA.",
            def = "",
            example = "ns1 A 192.0.2.53")
        List<String> records,
    @Setting(doc = "Time to live of answers with edges.", def = "20s", range = "1s..1h")
        Duration ttl,
    @Setting(
            expert = true,
            doc = "Time to live of answers that say that there is nothing.",
            def = "30s",
            range = "1s..1h")
        Duration negativeTtl,
    @Setting(
            expert = true,
            doc = "Time to live of fixed records that give none.",
            def = "5m",
            range = "1s..7d")
        Duration recordTtl,
    @Setting(doc = "Most addresses in one answer.", def = "3", range = "1..4") int addresses,
    @Setting(
            expert = true,
            doc = "A TCP connection on which no query is completed for so long is closed.",
            def = "10s",
            range = "100ms..10m")
        Duration tcpIdle,
    @Setting(
            expert = true,
            doc = "Most TCP connections at one time.",
            def = "2000",
            range = "1..1000000")
        int tcpConnections,
    @Setting(
            expert = true,
            doc = "Most TCP connections from one address (IPv6: one /56) at one time.",
            def = "50",
            range = "1..1000000")
        int tcpConnectionsPerClient,
    @Setting(
            expert = true,
            doc = "Any TCP connection is closed after this; the client may open another.",
            def = "5m",
            range = "1s..1d")
        Duration tcpLifetime,
    @Setting(
            expert = true,
            doc =
                "Most answers of a kind that a network (/24, IPv6: /56) gets a second over UDP, lest"
                    + " forged queries bury it in answers; 0 = no limit.",
            def = "200",
            range = "0..1000000")
        int udpAnswersPerSecond,
    @Setting(
            expert = true,
            doc =
                "Of so many answers over the limit one is sent truncated, so that a real client"
                    + " comes over TCP; 0 = of none.",
            def = "2",
            range = "0..100")
        int udpSlip,
    @Setting(expert = true, doc = "Networks without such a limit.", def = "127.0.0.0/8, ::1")
        List<Cidr> udpUnlimited) {

  /** Copies the lists and rejects a zone that cannot be served. */
  public DnsConfig {
    also = List.copyOf(also);
    nameServers = List.copyOf(nameServers);
    edgeNames = List.copyOf(edgeNames);
    records = List.copyOf(records);
    udpUnlimited = List.copyOf(udpUnlimited);
    if (!zone.isEmpty()) {
      DnsZone.check(zone, nameServers, edgeNames, records);
    }
  }

  /** A zone on one address, everything else by default. */
  public static DnsConfig of(String zone, String bind, int port, List<String> records) {
    return new DnsConfig(
        zone,
        bind,
        port,
        List.of(),
        List.of("ns1"),
        List.of("@"),
        records,
        Duration.ofSeconds(20),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        3,
        Duration.ofSeconds(10),
        2000,
        50,
        Duration.ofMinutes(5),
        200,
        2,
        List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1")));
  }

  /** False if there is no zone to answer for. */
  public boolean enabled() {
    return !zone.isEmpty();
  }
}
