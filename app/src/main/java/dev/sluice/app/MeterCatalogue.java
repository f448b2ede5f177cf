package dev.sluice.app;

import dev.sluice.balancer.dispatch.RoutingMeters;
import dev.sluice.balancer.dns.DnsMeters;
import dev.sluice.balancer.geo.GeoMeters;
import dev.sluice.balancer.health.HealthMeters;
import dev.sluice.chassis.auth.AuthMeters;
import dev.sluice.chassis.http.server.HttpMeters;
import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterReference;
import dev.sluice.chassis.tls.TlsMeters;
import dev.sluice.edge.beacon.BeaconMeters;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.edge.live.ForwardMeters;
import dev.sluice.edge.live.RelayMeters;
import dev.sluice.media.hls.live.HlsMeters;
import dev.sluice.media.live.LiveMeters;
import dev.sluice.media.vod.VodMeters;
import dev.sluice.origin.dvr.DvrMeters;
import dev.sluice.origin.metrics.OriginMeters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every meter of every server. */
public final class MeterCatalogue {
  private static final Map<String, MeterDoc[]> SECTIONS = new LinkedHashMap<>();

  static {
    SECTIONS.put("HTTP (every server)", HttpMeters.values());
    SECTIONS.put("TLS (every server with a certificate)", TlsMeters.values());
    SECTIONS.put("Signed URLs (edge)", AuthMeters.values());
    SECTIONS.put("Live streams (origin and edge)", LiveMeters.values());
    SECTIONS.put("HLS (origin and edge)", HlsMeters.values());
    SECTIONS.put("Files over RTMP (origin and edge)", VodMeters.values());
    SECTIONS.put("Relays (edge)", RelayMeters.values());
    SECTIONS.put("Publishers handed on (edge)", ForwardMeters.values());
    SECTIONS.put("What viewers see (edge)", BeaconMeters.values());
    SECTIONS.put("File cache (edge)", CacheMeters.values());
    SECTIONS.put("Files and recordings (origin)", OriginMeters.values());
    SECTIONS.put("DVR window (origin)", DvrMeters.values());
    SECTIONS.put("Routing (balancer)", RoutingMeters.values());
    SECTIONS.put("Health of nodes (balancer)", HealthMeters.values());
    SECTIONS.put("Location of clients (balancer)", GeoMeters.values());
    SECTIONS.put("DNS (balancer)", DnsMeters.values());
  }

  private MeterCatalogue() {}

  /** In the order of the manual. */
  public static List<MeterDoc> all() {
    List<MeterDoc> all = new ArrayList<>();
    SECTIONS.values().forEach(section -> all.addAll(List.of(section)));
    return all;
  }

  /** The whole of docs/metrics.md. */
  static String markdown() {
    StringBuilder out = new StringBuilder(8192);
    out.append(
        """
        # Metrics

        Every server answers `/metrics` in the Prometheus text format. Names begin with `sluice_`;
        counters end in `_total`; units stand in the name. A timer is a histogram: it has
        `_bucket`, `_sum` and `_count`, and `_max` for the last minutes. Stream names, paths and
        client addresses are never labels. Beside these there are the usual `jvm_`, `process_` and
        `system_` metrics of a Java process.

        This page is made from the code by `./sluice config --metrics`; a test keeps it true.
        """);
    SECTIONS.forEach(
        (title, meters) ->
            out.append('\n').append(MeterReference.markdown(title, List.of(meters))));
    return out.toString();
  }
}
