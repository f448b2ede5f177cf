package dev.sluice.balancer.http;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.membership.Membership;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.metrics.Meters;
import java.time.InstantSource;

/** Every URL of the balancer but those that all servers have. */
public final class BalancerRoutes {
  private BalancerRoutes() {}

  /**
   * Adds them.
   *
   * @param self this balancer's id
   * @param membership where heartbeats and operators' orders go
   * @param assumed bitrate of a stream of which no edge tells
   * @param clusterToken what nodes' heartbeats carry
   * @param adminToken what operators' control calls carry
   * @param clock of the fleet's health; steady
   * @param wall for the expiry of URLs
   */
  public static void add(
      Routes routes,
      String self,
      Dispatcher dispatcher,
      FleetHealth health,
      GeoLocator locator,
      Membership membership,
      RedirectConfig redirect,
      PageConfig page,
      Bitrate assumed,
      Secret clusterToken,
      Secret adminToken,
      InstantSource clock,
      InstantSource wall,
      Meters meters) {
    RedirectHandler viewers = new RedirectHandler(dispatcher, redirect, wall);
    StreamPictures pictures = new StreamPictures(health, assumed.bitsPerSecond());
    FleetHandler fleet = new FleetHandler(self, health, membership, dispatcher, locator, clock);
    AdminToken admin = new AdminToken(adminToken);
    DrainHandlers drains = new DrainHandlers(self, health, membership, fleet, admin, wall);
    MemberHandlers members = new MemberHandlers(self, health, membership, fleet, admin);
    PageFiles files = new PageFiles(page);
    routes
        .get(
            "/live/{name}.m3u8", new PlaylistHandler(dispatcher, redirect, viewers, pictures, wall))
        .get("/steering/live/{name}", new SteeringHandler(dispatcher, redirect, pictures, wall))
        .any("/live/**", viewers)
        .any("/vod/**", viewers)
        .get("/api/route", new ExplainHandler(dispatcher, membership))
        .get("/api/fleet", fleet)
        .nodePost("/api/heartbeat", new HeartbeatHandler(membership, clusterToken, meters))
        .get("/api/nodes/{id}", members::show)
        .delete("/api/nodes/{id}", members::forget)
        .post("/api/nodes/{id}/approve", members::approve)
        .post("/api/nodes/{id}/drain", drains::drain)
        .post("/api/nodes/{id}/undrain", drains::undrain)
        .get("/embed/**", files::embedded)
        .get("/**", files);
  }
}
