package dev.sluice.media.http;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.Routes;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.RangeRefused;
import dev.sluice.media.segment.DateRange;
import dev.sluice.media.stream.StreamKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has a span of time listed in the HLS playlists of a stream ({@code EXT-X-DATERANGE}), with the
 * admin token, at the origin of the stream:
 *
 * <pre>
 *   POST /api/streams/APP/NAME/dateranges
 *   {"id":"ad-7","class":"com.example.ad","start":"2026-05-01T10:00:00Z","duration":30,
 *    "attributes":{"X-TITLE":"A title","SCTE35-OUT":"0xFC30..."}}
 * </pre>
 *
 * <p>Without an app it is {@code live}; without a start it is what is newest in the stream; without
 * a duration it is open until the id is posted again with one. All but the id may be left out, and
 * what is left out when an id is posted again stays as it was.
 *
 * <p>Threading: on the exchange's loop; the stream answers from its own.
 */
public final class DateRangeHandler {
  private static final Logger log = LoggerFactory.getLogger(DateRangeHandler.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String END = "/dateranges";
  private static final int LARGEST_BODY = 32 * 1024;

  private final LiveHub hub;
  private final AdminToken operator;

  /** Tells the hub's streams. */
  public DateRangeHandler(LiveHub hub, AdminToken operator) {
    this.hub = hub;
    this.operator = operator;
  }

  /** Adds the route. */
  public void add(Routes routes) {
    routes.post("/api/streams/**", this::post);
  }

  private void post(HttpExchange exchange) {
    if (!operator.check(exchange)) {
      return;
    }
    String rest = exchange.rest();
    if (!rest.endsWith(END)) {
      problem(exchange, 404, "not-found", "There is only /api/streams/APP/NAME" + END + " here.");
      return;
    }
    String name = rest.substring(0, rest.length() - END.length());
    StreamKey key = StreamKey.parse(name.contains("/") ? name : "live/" + name);
    if (key == null) {
      problem(exchange, 400, "bad-stream", "stream: expected APP/NAME, such as live/demo.");
      return;
    }
    exchange.readBody(LARGEST_BODY, body -> take(exchange, key, body));
  }

  private void take(HttpExchange exchange, StreamKey key, byte[] body) {
    JsonNode asked;
    try {
      asked = JSON.readTree(body);
    } catch (JacksonException e) {
      problem(exchange, 400, "bad-daterange", "body: not JSON (expected: {\"id\":\"...\"}).");
      return;
    }
    CompletableFuture<DateRange> listed =
        hub.dates()
            .announce(
                key, asked.path("id").asString(""), (nowMs, before) -> range(asked, nowMs, before));
    if (listed == null) {
      problem(exchange, 404, "no-such-stream", "Nobody publishes " + key + " here.");
      return;
    }
    listed.whenComplete(
        (range, fault) -> {
          if (range != null) {
            log.info(
                "control act=date_range target={} id={} request={}",
                key,
                range.id(),
                exchange.requestId());
            exchange.json(201, listed(range));
          } else {
            refused(exchange, fault);
          }
        });
  }

  /** What is listed; without a duration while it is open. */
  private static Map<String, Object> listed(DateRange range) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("id", range.id());
    said.put("class", range.kind());
    said.put("start", Instant.ofEpochMilli(range.startMs()).toString());
    if (range.durationMs() != DateRange.OPEN) {
      said.put("duration", range.durationMs() / 1000.0);
    }
    said.put("attributes", range.attributes());
    return said;
  }

  private static void refused(HttpExchange exchange, @Nullable Throwable fault) {
    Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
    if (!(cause instanceof RangeRefused refused)) {
      problem(exchange, 503, "stream-unavailable", "The stream is not available now.");
      return;
    }
    int status =
        switch (refused.reason()) {
          case BAD -> 400;
          case NOT_HERE, CONTRADICTS -> 409;
          case TOO_MANY -> 429;
        };
    String code =
        switch (refused.reason()) {
          case BAD -> "bad-daterange";
          case NOT_HERE -> "not-here";
          case CONTRADICTS -> "contradicts";
          case TOO_MANY -> "too-many";
        };
    problem(exchange, status, code, refused.sentence() + ".");
  }

  // ---- the body

  /** Throws IllegalArgumentException with a sentence. */
  private static DateRange range(JsonNode asked, long nowMs, @Nullable DateRange before) {
    if (!asked.isObject()) {
      throw new IllegalArgumentException("body: expected an object with an id");
    }
    for (String name : asked.propertyNames()) {
      switch (name) {
        case "id", "class", "start", "duration", "attributes" -> {}
        default ->
            throw new IllegalArgumentException(
                "body: has something that is none of id, class, start, duration, attributes");
      }
    }
    Map<String, String> attributes = new TreeMap<>();
    JsonNode given = asked.path("attributes");
    if (!given.isMissingNode() && !given.isObject()) {
      throw new IllegalArgumentException("attributes: expected an object");
    }
    for (Map.Entry<String, JsonNode> each : given.properties()) {
      attributes.put(each.getKey(), text(each.getKey(), each.getValue()));
    }
    JsonNode start = asked.path("start");
    long startMs = before == null ? nowMs : before.startMs();
    if (!start.isMissingNode() && !start.isNull()) {
      startMs = milliseconds(text("start", start));
    }
    return new DateRange(
        text("id", asked.path("id")),
        asked.has("class")
            ? text("class", asked.path("class"))
            : before == null ? "" : before.kind(),
        startMs,
        durationMs(asked.path("duration")),
        given.isMissingNode() && before != null ? before.attributes() : attributes);
  }

  private static String text(String name, JsonNode value) {
    if (!value.isValueNode() || value.isNull()) {
      throw new IllegalArgumentException(
          (name.length() > 64 ? "attribute" : name)
              + ": expected a text, a number or true or false");
    }
    return value.asString();
  }

  private static long milliseconds(String start) {
    try {
      return Instant.parse(start).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "start: expected a time such as 2026-05-01T10:00:00.000Z", e);
    }
  }

  private static long durationMs(JsonNode seconds) {
    if (seconds.isMissingNode() || seconds.isNull()) {
      return DateRange.OPEN;
    }
    double given = seconds.isNumber() ? seconds.asDouble() : -1;
    if (!(given >= 0 && given * 1000 <= DateRange.LONGEST_MS)) {
      throw new IllegalArgumentException("duration: expected seconds, at most a day");
    }
    return Math.round(given * 1000);
  }

  private static void problem(HttpExchange exchange, int status, String code, String detail) {
    String title = code.substring(0, 1).toUpperCase(Locale.ROOT) + code.substring(1);
    exchange.problem(Problem.of(status, code, title.replace('-', ' '), detail));
  }
}
