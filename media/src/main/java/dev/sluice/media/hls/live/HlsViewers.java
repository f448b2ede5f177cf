package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.TokenPath;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who watches one stream by HLS, which has requests and no sessions: a viewer is a session that a
 * token names, or without one an address and a player's name, from which something was asked
 * lately. Other servers, which say so, are none.
 *
 * <p>Bounded: {@value #MOST} at a time. What is kept of one is a number made of these.
 *
 * <p>Threading: any thread.
 */
final class HlsViewers {
  static final int MOST = 200_000;

  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private final ConcurrentHashMap<Long, Long> seen = new ConcurrentHashMap<>();

  /** Somebody asks for something. */
  void saw(HttpExchange exchange, long nowNanos) {
    if (exchange.header("CDN-Loop") != null) {
      return;
    }
    String session = TokenPath.session(exchange.pathParam(TokenPath.PARAMETER));
    String agent = String.valueOf(exchange.header("User-Agent"));
    String name =
        session.isEmpty() ? exchange.client().getHostAddress() + " " + agent : "session " + session;
    saw(name, nowNanos);
  }

  void saw(String name, long nowNanos) {
    long id = FNV_BASIS;
    for (int i = 0; i < name.length(); i++) {
      id = (id ^ name.charAt(i)) * FNV_PRIME;
    }
    if (seen.size() < MOST || seen.containsKey(id)) {
      seen.put(id, nowNanos);
    }
  }

  /** Those who asked for nothing since then have left. */
  void forget(long beforeNanos) {
    seen.values().removeIf(at -> at - beforeNanos < 0);
  }

  int count() {
    return seen.size();
  }
}
