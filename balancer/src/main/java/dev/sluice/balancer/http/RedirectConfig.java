package dev.sluice.balancer.http;

import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** How viewers are sent to edges over HTTP. */
public record RedirectConfig(
    @Setting(doc = "Most edges in a JSON answer.", def = "3", range = "1..16") int choices,
    @Setting(doc = "How long a JSON answer and a signed URL hold.", def = "6h", range = "1s..30d")
        Duration validFor,
    @Setting(
            doc = "Secret shared with the edges; viewers get signed URLs. Empty = no signing.",
            def = "")
        Secret signingKey,
    @Setting(doc = "Whether a signed URL is good for one client address only.", def = "false")
        boolean bindToClient,
    @Setting(doc = "Most edges in an HLS playlist of a live stream.", def = "4", range = "1..16")
        int pathways,
    @Setting(
            doc = "How often HLS players ask which edge to go on with.",
            def = "10s",
            range = "5s..5m")
        Duration steerEvery) {

  /** The same with signed URLs. */
  public RedirectConfig signed(Duration holds, Secret key, boolean forOneClient) {
    return new RedirectConfig(choices, holds, key, forOneClient, pathways, steerEvery);
  }

  /** Everything at its documented default: no signing. */
  public static final RedirectConfig DEFAULTS =
      new RedirectConfig(3, Duration.ofHours(6), Secret.NONE, false, 4, Duration.ofSeconds(10));
}
