package dev.sluice.edge.vod;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.TokenPath;
import dev.sluice.edge.cache.EdgeCache;
import dev.sluice.edge.cache.PartFinder;
import dev.sluice.media.vod.SeekQuery;
import dev.sluice.media.vod.VodListQuery;
import org.jspecify.annotations.Nullable;

/**
 * Answers with files of the cache, and with an FLV file from a keyframe on where a player asks for
 * one ({@link SeekQuery}); with playlists of other forms under the name by which origins know them
 * ({@link VodListQuery}).
 *
 * <p>Threading: each request on its own loop; nothing is kept between requests.
 */
public final class FlvSeekHandler implements HttpHandler {
  private final EdgeCache cache;

  /** Files come from {@code cache}, which stays the caller's. */
  public FlvSeekHandler(EdgeCache cache) {
    this.cache = cache;
  }

  @Override
  public void handle(HttpExchange exchange) {
    VodListQuery list = list(exchange);
    if (!exchange.pathParam(TokenPath.PARAMETER).isEmpty()) {
      cache.handle(exchange, list.name(TokenPath.without(exchange.path())));
    } else if (list.equals(VodListQuery.WHOLE)) {
      cache.handle(exchange, FlvSeekHandler::finder);
    } else {
      cache.handle(exchange, list.name(exchange.path()));
    }
  }

  private static VodListQuery list(HttpExchange exchange) {
    try {
      return VodListQuery.of(
          exchange.path(),
          exchange.query("container"),
          exchange.query("from"),
          exchange.query("to"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(Problem.badRequest("bad-clip", e.getMessage() + "."));
    }
  }

  private static @Nullable PartFinder finder(HttpExchange exchange) {
    try {
      SeekQuery query = SeekQuery.of(exchange.path(), exchange.query("t"), exchange.query("start"));
      return query == null ? null : new KeyframeFinder(query);
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.of(400, "bad-seek", "Request refused", String.valueOf(e.getMessage())));
    }
  }
}
