package dev.sluice.edge.beacon;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/beacon}: a player tells what its viewer sees, from a page of any site. Whatever
 * it says is only counted.
 *
 * <p>Threading: any event loop.
 */
public final class BeaconHandler implements HttpHandler {
  private static final byte[] EMPTY = {};

  private final BeaconCounters counters;
  private final SenderPace pace;
  private final WatchedStreams streams;
  private final LongSupplier nanoClock;

  /** Nobody has said anything yet. */
  public BeaconHandler(BeaconConfig config, LiveHub hub, Meters meters) {
    this.counters = new BeaconCounters(meters);
    this.pace = new SenderPace(config.perMinute());
    this.streams = new WatchedStreams(key -> isHere(hub, key));
    this.nanoClock = hub::nanoTime;
    hub.listen(
        (key, publisher) -> {
          streams.forget(key.toString());
          return new UntilClosed(() -> streams.forget(key.toString()));
        });
  }

  /** Takes no tags. */
  private record UntilClosed(Runnable then) implements StreamListener.Sink {
    @Override
    public void tag(FlvTag tag) {}

    @Override
    public void closed(EndReason reason) {
      then.run();
    }
  }

  private static boolean isHere(LiveHub hub, String text) {
    StreamKey key = StreamKey.parse(text);
    return key != null && hub.stream(key) != null;
  }

  /**
   * What was said of a live stream, for {@code /api/streams}; null when nothing was. Any thread.
   */
  public @Nullable Object seen(String stream) {
    return streams.seen(stream);
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (!pace.take(exchange.client(), nanoClock.getAsLong())) {
      counters.limited();
      exchange.problem(
          Problem.of(
                  429,
                  "too-many-beacons",
                  "Too many beacons",
                  "This address sends too many beacons.")
              .with("Retry-After", "60"));
      return;
    }
    exchange.readBody(Beacon.MOST_BYTES, body -> take(exchange, body));
  }

  private void take(HttpExchange exchange, byte[] body) {
    Beacon beacon = Beacon.parse(body);
    if (beacon == null) {
      counters.bad();
      exchange.problem(
          Problem.of(
              400,
              "bad-beacon",
              "Bad beacon",
              "Expected a JSON object with cid and over (http-flv, ws-flv, hls or file)."));
      return;
    }
    counters.take(beacon);
    streams.add(beacon);
    exchange.respond(
        HttpResponseStatus.NO_CONTENT, headers -> headers.set("Cache-Control", "no-store"), EMPTY);
  }
}
