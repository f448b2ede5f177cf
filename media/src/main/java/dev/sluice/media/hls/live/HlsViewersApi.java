package dev.sluice.media.hls.live;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.Quantity;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.Routes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Viewers by HLS for the operator, with the admin token. They have requests and no connection, so
 * one is known by the session that its token names, and ended by refusing that for a while:
 *
 * <pre>
 *   GET    /api/viewers/hls             those who have a session; ?stream=APP/NAME, ?limit=N
 *   DELETE /api/viewers/hls/SESSION     refuses one, here, for ?ban=TIME (10m); ?ban=0s lets it in
 *                                       again
 * </pre>
 *
 * <p>Without signed URLs a viewer has no session, or one that it chose itself: 409.
 *
 * <p>Threading: each request on its own loop.
 */
public final class HlsViewersApi {
  static final Duration LONGEST_BAN = Duration.ofDays(365);
  private static final Logger log = LoggerFactory.getLogger(HlsViewersApi.class);
  private static final Duration BAN = Duration.ofMinutes(10);
  private static final int LIMIT = 100;
  private static final int MOST = 1_000;
  private static final int MOST_SESSION_CHARS = 64;

  private final HlsStreams streams;
  private final AdminToken operator;
  private final boolean signed;

  /**
   * Tells of, and ends, viewers of these streams.
   *
   * @param signed whether viewers need a token here
   */
  public HlsViewersApi(HlsStreams streams, AdminToken operator, boolean signed) {
    this.streams = streams;
    this.operator = operator;
    this.signed = signed;
  }

  /** Adds the routes. */
  public void add(Routes routes) {
    routes
        .operatorGet("/api/viewers/hls", this::list)
        .delete("/api/viewers/hls/{session}", this::end);
  }

  /**
   * A viewer.
   *
   * @param session its name in addresses and access logs
   * @param stream {@code app/name}
   * @param address from which it asked first
   * @param idleMs since it asked for something
   */
  record Told(String session, String stream, String address, long idleMs) {}

  /**
   * What there is.
   *
   * @param barredMs sessions that are refused, and for how much longer
   */
  record Viewers(List<Told> viewers, Map<String, Long> barredMs) {}

  /**
   * What was done.
   *
   * @param streams what it watched here of late
   * @param banMs for how long it is refused
   */
  record Ended(String session, List<String> streams, long banMs) {}

  private boolean allowed(HttpExchange exchange) {
    if (!operator.check(exchange)) {
      return false;
    }
    if (!signed) {
      problem(
          exchange,
          409,
          "no-sessions",
          "Viewers by HLS have no sessions here, as URLs are not signed (signingKeys of an edge).");
    }
    return signed;
  }

  private void list(HttpExchange exchange) {
    if (!allowed(exchange)) {
      return;
    }
    int limit = limit(exchange.query("limit"));
    if (limit < 0) {
      problem(exchange, 400, "bad-limit", "limit: expected a number from 1 to " + MOST + ".");
      return;
    }
    List<Told> all = streams.sessions(exchange.query("stream"), null, limit);
    exchange.json(200, new Viewers(all, streams.context().bans().all()));
  }

  private void end(HttpExchange exchange) {
    if (!allowed(exchange)) {
      return;
    }
    String asked = exchange.query("ban");
    Duration ban = asked == null ? BAN : ban(asked);
    if (ban == null) {
      problem(exchange, 400, "bad-ban", "ban: expected a time such as 10m, at most 365d.");
      return;
    }
    String session = exchange.pathParam("session");
    List<String> watched =
        streams.sessions(null, session, MOST).stream().map(Told::stream).toList();
    boolean known = !watched.isEmpty() || asked != null;
    if (!known || session.length() > MOST_SESSION_CHARS) {
      problem(
          exchange,
          404,
          "no-such-viewer",
          "No viewer has this session now; see /api/viewers/hls, or bar it with ?ban=10m.");
      return;
    }
    if (!streams.context().bans().set(session, ban.toNanos())) {
      problem(exchange, 409, "too-many-bans", "There are " + HlsBans.MOST + " bans.");
      return;
    }
    log.info(
        "control act=kick_hls_viewer target={} ban_s={} request={}",
        session,
        ban.toSeconds(),
        exchange.requestId());
    exchange.json(200, new Ended(session, watched, ban.toMillis()));
  }

  private static @Nullable Duration ban(String text) {
    try {
      Duration ban = Quantity.parseDuration(text);
      return ban.isNegative() || ban.compareTo(LONGEST_BAN) > 0 ? null : ban;
    } catch (IllegalArgumentException | ArithmeticException e) {
      return null;
    }
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return LIMIT;
    }
    try {
      int limit = Integer.parseInt(text);
      return limit >= 1 && limit <= MOST ? limit : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static void problem(HttpExchange exchange, int status, String code, String detail) {
    exchange.problem(Problem.of(status, code, code.replace('-', ' '), detail));
  }
}
