package dev.sluice.media.hls.live;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.TokenPath;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who watches one stream by HLS, which has requests and no sessions: a viewer is a session that a
 * token names, or without one an address and a player's name, from which something was asked
 * lately. Other servers, which say so, are none.
 *
 * <p>Bounded: {@value #MOST} at a time, and as their number is the server's load, to which nobody
 * should add by names of their own: of one address (of IPv6, one /64) {@value #MOST_SESSIONS}, of
 * them {@value #MOST_AGENTS} without a session.
 *
 * <p>Threading: any thread.
 */
final class HlsViewers {
  static final int MOST = 200_000;
  static final int MOST_SESSIONS = 1_000;
  static final int MOST_AGENTS = 50;

  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final int MOST_SESSION_CHARS = 64;

  private final ConcurrentHashMap<Long, Seen> seen = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ByteBuffer, Integer> ofNetworks = new ConcurrentHashMap<>();

  /** One of them. */
  static final class Seen {
    private final String session;
    private final InetAddress address;
    private volatile long atNanos;

    private Seen(String session, InetAddress address, long atNanos) {
      this.session = session;
      this.address = address;
      this.atNanos = atNanos;
    }

    /** Its session; empty without one. */
    String session() {
      return session;
    }

    /** From where it asked first. */
    String address() {
      return address.getHostAddress();
    }

    /** When it asked last. */
    long atNanos() {
      return atNanos;
    }
  }

  /** Somebody asks for something. */
  void saw(HttpExchange exchange, long nowNanos) {
    if (exchange.header("CDN-Loop") != null) {
      return;
    }
    String session = TokenPath.session(exchange.pathParam(TokenPath.PARAMETER));
    long id = id(session, exchange);
    Seen before = seen.get(id);
    if (before != null) {
      before.atNanos = nowNanos;
    }
    // It may be forgotten in that very moment: then it comes again with its next request.
    if (before == null && seen.size() < MOST) {
      String kept = session.length() > MOST_SESSION_CHARS ? "" : session;
      add(id, new Seen(kept, exchange.client(), nowNanos));
    }
  }

  private void add(long id, Seen viewer) {
    ByteBuffer network = RefusalPace.network(viewer.address);
    int most = viewer.session.isEmpty() ? MOST_AGENTS : MOST_SESSIONS;
    if (ofNetworks.getOrDefault(network, 0) < most && seen.putIfAbsent(id, viewer) == null) {
      ofNetworks.merge(network, 1, Integer::sum);
    }
  }

  /** A number made of who it is, without a text for each request. */
  private static long id(String session, HttpExchange exchange) {
    if (!session.isEmpty()) {
      return with(FNV_BASIS, session);
    }
    long id = FNV_BASIS;
    for (byte each : exchange.client().getAddress()) {
      id = (id ^ each) * FNV_PRIME;
    }
    String agent = exchange.header("User-Agent");
    return with(id * FNV_PRIME, agent == null ? "" : agent);
  }

  private static long with(long hash, String name) {
    long id = hash;
    for (int i = 0; i < name.length(); i++) {
      id = (id ^ name.charAt(i)) * FNV_PRIME;
    }
    return id;
  }

  /** Those who asked for nothing since then have left. */
  void forget(long beforeNanos) {
    seen.forEach(
        (id, viewer) -> {
          if (viewer.atNanos - beforeNanos < 0 && seen.remove(id, viewer)) {
            ofNetworks.computeIfPresent(
                RefusalPace.network(viewer.address),
                (network, count) -> count == 1 ? null : count - 1);
          }
        });
  }

  /** All of them. */
  Collection<Seen> all() {
    return seen.values();
  }

  int count() {
    return seen.size();
  }
}
