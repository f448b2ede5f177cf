package dev.sluice.balancer;

import dev.sluice.balancer.dns.DnsConfig;
import dev.sluice.balancer.geo.GeoConfig;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.geo.RegionConfig;
import dev.sluice.balancer.health.HealthPolicy;
import dev.sluice.balancer.http.PageConfig;
import dev.sluice.balancer.http.RedirectConfig;
import dev.sluice.balancer.membership.MembershipConfig;
import dev.sluice.balancer.routing.RoutingPolicy;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.HttpsConfig;
import dev.sluice.chassis.config.Loopback;
import dev.sluice.chassis.config.PlainName;
import dev.sluice.chassis.config.PublicConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import dev.sluice.chassis.config.TlsConfig;
import java.util.List;
import java.util.Map;

/** All settings of a balancer. */
public record BalancerConfig(
    @Setting(doc = "Name of this node, unique in the fleet.", def = "balancer-1") String id,
    @Setting(doc = "Region in which this balancer stands; for display only.", def = "")
        String region,
    @Setting(doc = "HTTP listener.") HttpConfig http,
    @Setting(doc = "HTTP listener with TLS.", def = "port: 8443") HttpsConfig https,
    @Setting(doc = "The certificate for https.") TlsConfig tls,
    @Setting(doc = "What others are told about this node.") PublicConfig advertise,
    @Setting(
            doc = "Proxies whose word on a client's address is taken.",
            def = "",
            example = "10.0.0.0/8")
        List<Cidr> trustedProxies,
    @Setting(doc = "Token for control calls; empty = none are allowed.", def = "")
        Secret adminToken,
    @Setting(doc = "Who belongs to the fleet.") MembershipConfig cluster,
    @Setting(doc = "Regions by name.", def = "") Map<String, RegionConfig> regions,
    @Setting(doc = "How clients are located.") GeoConfig geo,
    @Setting(doc = "How viewers are spread.") RoutingPolicy routing,
    @Setting(doc = "When a node counts as reachable.") HealthPolicy health,
    @Setting(doc = "DNS.") DnsConfig dns,
    @Setting(doc = "HTTP redirects.") RedirectConfig redirect,
    @Setting(doc = "The page and the player.") PageConfig page) {

  /**
   * Copies the collections and rejects names that are none and regions that contradict each other.
   * Without a cluster token a balancer listens on loopback only.
   */
  public BalancerConfig {
    PlainName.require("id", id, false);
    PlainName.require("region", region, true);
    regions.keySet().forEach(name -> PlainName.require("regions", name, false));
    tls.require(https.enabled());
    if (cluster.token().isEmpty()) {
      String why = "cluster.token is empty, so that whoever reaches it is heard as a node";
      http = Loopback.only(http, why);
      https = Loopback.only(https, why);
    }
    trustedProxies = List.copyOf(trustedProxies);
    regions = Map.copyOf(regions);
    GeoLocator.check(regions, geo.defaultRegion());
  }
}
