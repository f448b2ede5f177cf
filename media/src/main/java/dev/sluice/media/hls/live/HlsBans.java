package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.TokenPath;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Viewers by HLS whom an operator has ended, by the session that their tokens name and keep when
 * they are renewed: whatever they ask for is refused for a while. In memory only, at most {@value
 * #MOST}; those that are over make room.
 *
 * <p>Threading: any thread; looked at with each request, for which the map is concurrent.
 */
final class HlsBans {
  static final int MOST = 10_000;

  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier nanoClock;
  private final ConcurrentHashMap<String, Long> untilNanos = new ConcurrentHashMap<>();

  /** Nobody is barred. */
  HlsBans(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * Bars a session; 0 lets it in again.
   *
   * @return false when there are too many
   */
  boolean set(String session, long forNanos) {
    if (forNanos <= 0) {
      untilNanos.remove(session);
      return true;
    }
    long now = nanoClock.getAsLong();
    untilNanos.values().removeIf(until -> until - now <= 0);
    if (untilNanos.size() >= MOST && !untilNanos.containsKey(session)) {
      return false;
    }
    untilNanos.put(session, now + forNanos);
    return true;
  }

  /** For how much longer a session is barred, in nanoseconds; 0 = it is not. */
  long left(String session) {
    Long until = untilNanos.isEmpty() ? null : untilNanos.get(session);
    return until == null ? 0 : Math.max(0, until - nanoClock.getAsLong());
  }

  /** All, with the milliseconds that are left. */
  Map<String, Long> all() {
    Map<String, Long> all = new TreeMap<>();
    for (String session : untilNanos.keySet()) {
      long left = left(session);
      if (left > 0) {
        all.put(session, left / 1_000_000);
      }
    }
    return all;
  }

  /** The same handler for those who are not barred; 403 for the others. */
  HttpHandler guard(HttpHandler handler) {
    return exchange -> {
      String token = exchange.pathParam(TokenPath.PARAMETER);
      long left = token.isEmpty() ? 0 : left(TokenPath.session(token));
      if (left == 0) {
        handler.handle(exchange);
        return;
      }
      exchange.problem(
          Problem.of(
                  403,
                  "viewer-ended",
                  "Viewer ended",
                  "An operator has ended this view for another "
                      + (left + SECOND_NANOS - 1) / SECOND_NANOS
                      + " s.")
              .with("Cache-Control", "no-store")
              .with("Access-Control-Allow-Origin", "*"));
    };
  }
}
