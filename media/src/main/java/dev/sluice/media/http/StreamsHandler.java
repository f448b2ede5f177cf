package dev.sluice.media.http;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamStats;
import dev.sluice.media.live.fanout.ViewerStats;
import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers {@code GET /api/streams}: a list of {@link StreamStats}. {@code ?stream=APP/NAME} picks
 * one, {@code ?limit=N} those with the most viewers. With {@code ?viewers=true} each has its
 * viewers too, those furthest behind first, and the limit (default {@value #LIMIT}) is that of
 * viewers in all. A limit is at most {@value #MOST}. Where viewers connect from is told only to who
 * shows the operator's token; a wrong one is answered 401.
 */
public final class StreamsHandler implements HttpHandler {
  static final int LIMIT = 100;
  static final int MOST = 1_000;

  private static final Comparator<StreamStats> MOST_WATCHED_FIRST =
      Comparator.comparingInt(StreamStats::totalViewers).reversed().thenComparing(StreamStats::key);

  private static final JsonMapper JSON = JsonMapper.shared();

  private final LiveHub hub;
  private final AdminToken operator;
  private final Function<String, @Nullable Object> seen;

  /**
   * Tells of what the hub has; viewers' addresses only to the operator.
   *
   * @param seen what a stream's viewers say they see, by its key, told as {@code seen}; null of one
   *     of which nobody said anything
   */
  public StreamsHandler(LiveHub hub, AdminToken operator, Function<String, @Nullable Object> seen) {
    this.hub = hub;
    this.operator = operator;
    this.seen = seen;
  }

  @Override
  public void handle(HttpExchange exchange) {
    String picked = exchange.query("stream");
    List<StreamStats> chosen =
        hub.streams().stream().filter(s -> picked == null || s.key().equals(picked)).toList();
    boolean viewersToo = "true".equals(exchange.query("viewers"));
    String asked = exchange.query("limit");
    if (!viewersToo && asked == null) {
      answer(exchange, chosen);
      return;
    }
    int limit = limit(asked);
    if (limit < 0) {
      exchange.problem(
          Problem.of(
              400, "bad-limit", "Bad limit", "limit: expected a number from 1 to " + MOST + "."));
      return;
    }
    if (!viewersToo) {
      answer(exchange, chosen.stream().sorted(MOST_WATCHED_FIRST).limit(limit).toList());
      return;
    }
    boolean addresses = exchange.header("authorization") != null;
    if (addresses && !operator.check(exchange)) {
      return;
    }
    withViewers(chosen, limit, addresses).thenAccept(all -> answer(exchange, all));
  }

  private void answer(HttpExchange exchange, List<StreamStats> streams) {
    List<Object> all = new ArrayList<>();
    for (StreamStats stream : streams) {
      Object said = seen.apply(stream.key());
      all.add(said == null ? stream : JSON.<ObjectNode>valueToTree(stream).putPOJO("seen", said));
    }
    exchange.json(200, all);
  }

  private CompletableFuture<List<StreamStats>> withViewers(
      List<StreamStats> chosen, int limit, boolean addresses) {
    CompletableFuture<List<StreamStats>> told =
        CompletableFuture.completedFuture(new ArrayList<>());
    for (StreamStats stream : chosen) {
      told =
          told.thenCompose(
              before -> {
                StreamKey key = StreamKey.parse(stream.key());
                int left = limit - before.stream().mapToInt(s -> s.viewerList().size()).sum();
                return key == null || left <= 0
                    ? CompletableFuture.completedFuture(with(before, stream))
                    : hub.viewers(key, left)
                        .thenApply(
                            viewers ->
                                with(before, stream.with(addresses ? viewers : nameless(viewers))));
              });
    }
    return told;
  }

  private static List<ViewerStats> nameless(List<ViewerStats> viewers) {
    return viewers.stream().map(ViewerStats::withoutAddress).toList();
  }

  private static List<StreamStats> with(List<StreamStats> before, StreamStats next) {
    before.add(next);
    return before;
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
}
