package dev.sluice.media.http;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.Quantity;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.Routes;
import dev.sluice.media.access.PublishForwarder;
import dev.sluice.media.access.StreamBans;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamStats;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator ends, with the admin token:
 *
 * <pre>
 *   DELETE /api/streams/APP/NAME   the publisher, and so the stream; ?ban=10m refuses the name for
 *                                  so long, whoever has it now; ?ban=0s lets it in again
 *   DELETE /api/viewers/ID         one viewer, by the id that /api/streams?viewers=true tells
 *   GET    /api/bans               the names that are refused
 * </pre>
 *
 * <p>{@code ?reason=} goes to the log, which has a line for each act. A stream that this node only
 * relays has its publisher elsewhere: 409 says where.
 */
public final class KickHandler {
  static final Duration LONGEST_BAN = Duration.ofDays(365);
  private static final Logger log = LoggerFactory.getLogger(KickHandler.class);

  private final LiveHub hub;
  private final AdminToken operator;
  private final @Nullable PublishForwarder forwarder;

  /**
   * Acts on the hub's streams.
   *
   * @param forwarder has the publishers that are handed on to another server; may be null
   */
  public KickHandler(LiveHub hub, AdminToken operator, @Nullable PublishForwarder forwarder) {
    this.hub = hub;
    this.operator = operator;
    this.forwarder = forwarder;
  }

  /** Adds the routes. */
  public void add(Routes routes) {
    routes
        .delete("/api/streams/**", this::stream)
        .delete("/api/viewers/{id}", this::viewer)
        .operatorGet("/api/bans", this::bans);
  }

  /**
   * What was done.
   *
   * @param stream {@code app/name}
   * @param ended whether there was a publisher, or viewers held for one
   * @param banMs for how long the name is refused
   */
  record StreamKicked(String stream, boolean ended, long banMs) {}

  /**
   * What was done.
   *
   * @param viewer its id
   * @param address where it connected from
   */
  record ViewerKicked(long viewer, String address) {}

  private void stream(HttpExchange exchange) {
    if (!operator.check(exchange)) {
      return;
    }
    StreamKey key = StreamKey.parse(exchange.rest());
    if (key == null) {
      bad(exchange, "bad-stream", "stream: expected APP/NAME, such as /api/streams/live/demo");
      return;
    }
    Duration ban = ban(exchange.query("ban"));
    if (ban == null) {
      bad(exchange, "bad-ban", "ban: expected a time such as 10m, at most 365d; 0s lifts it");
      return;
    }
    StreamStats there = hub.stream(key);
    boolean relayed = there != null && there.kind().equals(PublisherInfo.Kind.RELAY.word());
    String from = there == null ? "" : there.publisher();
    if (relayed && forwarder == null) {
      elsewhere(exchange, key, from, "");
      return;
    }
    boolean asked = exchange.query("ban") != null;
    if (asked && !hub.bans().set(key, ban, hub.nanoTime())) {
      problem(
          exchange,
          409,
          "too-many-bans",
          "There are " + StreamBans.MOST + " bans; lift some with ?ban=0s, see /api/bans.");
      return;
    }
    boolean lifts = asked && ban.isZero();
    boolean forwarded = !lifts && forwarder != null && forwarder.kick(key);
    if (!lifts && relayed && !forwarded) {
      elsewhere(exchange, key, from, asked ? ", and barred here now" : "");
      return;
    }
    boolean ended = forwarded || (!lifts && hub.kick(key));
    done(exchange, "kick_stream", key + " ended=" + ended + " ban_s=" + ban.toSeconds());
    if (ended || asked) {
      exchange.json(200, new StreamKicked(key.toString(), ended, ban.toMillis()));
    } else {
      problem(exchange, 404, "no-such-stream", "Nobody publishes " + key + " here.");
    }
  }

  private static void elsewhere(HttpExchange exchange, StreamKey key, String from, String also) {
    problem(
        exchange,
        409,
        "published-elsewhere",
        key + " is only relayed here, from " + from + also + "; end its publisher at the origin.");
  }

  private void viewer(HttpExchange exchange) {
    if (!operator.check(exchange)) {
      return;
    }
    long id = id(exchange.pathParam("id"));
    String address = hub.kickViewer(id);
    if (address == null) {
      problem(
          exchange,
          404,
          "no-such-viewer",
          "No viewer has this id now; see /api/streams?viewers=true.");
      return;
    }
    done(exchange, "kick_viewer", id + " address=" + address);
    exchange.json(200, new ViewerKicked(id, address));
  }

  private void bans(HttpExchange exchange) {
    if (operator.check(exchange)) {
      exchange.json(200, hub.bans().all(hub.nanoTime()));
    }
  }

  /** What came of it; who did it, and why, is in the audit log under the same request. */
  private static void done(HttpExchange exchange, String act, String what) {
    log.info("control act={} target={} request={}", act, what, exchange.requestId());
  }

  /** Null when it is none. */
  private static @Nullable Duration ban(@Nullable String text) {
    if (text == null) {
      return Duration.ZERO;
    }
    try {
      Duration ban = Quantity.parseDuration(text);
      return ban.isNegative() || ban.compareTo(LONGEST_BAN) > 0 ? null : ban;
    } catch (IllegalArgumentException | ArithmeticException e) {
      return null;
    }
  }

  /** 0 when it is none. */
  private static long id(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static void bad(HttpExchange exchange, String code, String detail) {
    problem(exchange, 400, code, detail);
  }

  private static void problem(HttpExchange exchange, int status, String code, String detail) {
    String title = code.substring(0, 1).toUpperCase(Locale.ROOT) + code.substring(1);
    exchange.problem(Problem.of(status, code, title.replace('-', ' '), detail));
  }
}
