package dev.sluice.edge.beacon;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamStats;
import dev.sluice.media.stream.StreamKey;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code GET /api/clock?stream=live/demo}: the time of day here, by which a player corrects its own
 * clock, and the date of the stream's time 0 on the clock that viewers of FLV here get, as {@code
 * zeroMs}, so that a player knows how old the picture is that it shows. Both are milliseconds since
 * the Unix epoch. {@code beacons} is the share of viewers whose players shall send beacons.
 *
 * <p>The date is that at which the newest tag reached this node: what it took from its origin to
 * here is not in it, and a tag that is late makes it later. Of several answers the earliest is
 * best.
 *
 * <p>Threading: any event loop.
 */
public final class ClockHandler implements HttpHandler {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final long MOST_ON_THE_WAY_MS = 5_000;
  private static final long SKEW_MS = 1_000;

  private final LiveHub hub;
  private final InstantSource clock;
  private final double beacons;

  /** Tells of the hub's streams by a clock. */
  public ClockHandler(LiveHub hub, InstantSource clock, BeaconConfig config) {
    this.hub = hub;
    this.clock = clock;
    this.beacons = config.sample();
  }

  @Override
  public void handle(HttpExchange exchange) {
    String asked = exchange.query("stream");
    StreamKey key = asked == null ? null : StreamKey.parse(asked);
    StreamStats stream = key == null ? null : hub.stream(key);
    long nowMs = clock.millis();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("nowMs", nowMs);
    if (key != null && stream != null && !stream.kind().equals("none")) {
      answer.put("stream", stream.key());
      long arrivedMs = nowMs - stream.mediaTimeMs();
      long markedMs = hub.dates().zeroWallMs(key).orElse(Long.MIN_VALUE);
      boolean exact = arrivedMs - MOST_ON_THE_WAY_MS <= markedMs && markedMs <= arrivedMs + SKEW_MS;
      answer.put("zeroMs", exact ? markedMs : arrivedMs);
      answer.put("exact", exact);
    }
    answer.put("beacons", beacons);
    byte[] body = JSON.writeValueAsString(answer).getBytes(StandardCharsets.UTF_8);
    exchange.respond(
        HttpResponseStatus.OK,
        headers -> headers.set("Content-Type", "application/json").set("Cache-Control", "no-store"),
        body);
  }
}
