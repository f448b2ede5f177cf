package dev.sluice.edge.cache;

import dev.sluice.chassis.http.BodyPart;
import dev.sluice.chassis.http.Conditionals;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.edge.cache.CacheAnswer.How;
import dev.sluice.edge.cache.disk.CacheMeters;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One GET or HEAD on its way through the cache: {@link #receive}, {@link #lookUp}, then {@link
 * #answer} with a file (its body is a hit or a fill, slice by slice: {@link CacheBody}), or {@link
 * #pass} what is not to be kept, and {@link #deliver}. A request that seeks is answered with a part
 * of the file, which a {@link PartFinder} looks for in between.
 *
 * <p>Threading: confined to the request's loop.
 */
final class CacheRequest implements Consumer<Resolution> {
  private static final long FARTHEST = 1L << 50;

  private final RequestParts cache;
  private final HttpExchange exchange;
  private final String path;
  private final @Nullable PartFinder finder;
  private boolean again;

  private CacheRequest(
      RequestParts cache, HttpExchange exchange, String path, @Nullable PartFinder finder) {
    this.cache = cache;
    this.exchange = exchange;
    this.path = path;
    this.finder = finder;
  }

  // ---- receive

  /** Takes a request up, unless it has been here before or cannot name a file. */
  static void receive(
      RequestParts cache, HttpExchange exchange, String path, PartFinder.Choice choice) {
    String passedBy = exchange.header("CDN-Loop");
    if (passedBy != null && List.of(passedBy.split("[\\s,]+")).contains(cache.name())) {
      exchange.problem(
          Problem.of(508, "loop", "Loop detected", "This request has been here before."));
      return;
    }
    PartFinder finder = choice.of(exchange);
    if (path.endsWith("/")) {
      cache.guesses().absent(exchange, path, CacheAnswer.refused(404, path));
      return;
    }
    new CacheRequest(cache, exchange, path, finder).lookUp();
  }

  // ---- look up

  private void lookUp() {
    cache.objects().resolve(path, exchange.loop(), wanted(), this);
  }

  private ObjectTable.Wanted wanted() {
    HttpRange.Selection selection =
        exchange.headOnly()
            ? new HttpRange.Parts(List.of(new HttpRange(0, 0)))
            : HttpRange.select(exchange.header("Range"), Long.MAX_VALUE);
    int readAhead = cache.files().readAhead();
    if (selection instanceof HttpRange.Parts parts
        && parts.ranges().getFirst().first() < FARTHEST) {
      HttpRange range = parts.ranges().getFirst();
      int sliceSize = cache.files().fillTable().sliceSize();
      long first = range.first() / sliceSize;
      long count = Math.min(readAhead, range.last() / sliceSize - first) + 1;
      return new ObjectTable.Wanted((int) Math.min(first, Integer.MAX_VALUE / 2), (int) count);
    }
    return new ObjectTable.Wanted(0, selection instanceof HttpRange.Whole ? 1 + readAhead : 1);
  }

  @Override
  public void accept(Resolution resolution) {
    switch (resolution) {
      case Resolution.Found(CachedObject object, How how) -> {
        if (finder == null) {
          answer(object, how);
        } else {
          findPart(finder, object, how);
        }
      }
      case Resolution.Refused(int status) -> {
        cache.count("negative");
        cache.guesses().absent(exchange, path, CacheAnswer.refused(status, path));
      }
      case Resolution.Uncacheable u -> pass();
      case Resolution.Failed(FillFailure why) -> fail(why);
    }
  }

  /** Begins anew, once for each request: the second version in a row that is gone is an error. */
  private void lookUpAgain() {
    again = true;
    lookUp();
  }

  // ---- pass, or fail

  private void pass() {
    cache.count(How.PASS);
    new PassThrough(
            cache.files().fillTable(),
            exchange,
            path,
            CacheAnswer.cacheStatus(cache.name(), How.PASS),
            cache.meters().counter(CacheMeters.SENT, "pass"))
        .start();
  }

  private void fail(FillFailure why) {
    cache.count("error");
    exchange.problem(CacheAnswer.problem(why));
  }

  private void refuseCondition() {
    exchange.problem(
        Problem.of(412, "precondition-failed", "Precondition failed", "The file has changed."));
  }

  // ---- answer with a file

  private void answer(CachedObject object, How how) {
    switch (Conditionals.evaluate(exchange.headers(), true, object.etag(), object.modified())) {
      case NOT_MODIFIED -> {
        cache.count(how);
        sendHead(object, how, HttpResponseStatus.NOT_MODIFIED);
      }
      case FAILED -> refuseCondition();
      case PROCEED -> selectRanges(object, how);
    }
  }

  private void selectRanges(CachedObject object, How how) {
    boolean ranged =
        !exchange.headOnly()
            && Conditionals.rangeApplies(exchange.headers(), object.etag(), object.modified());
    HttpRange.Selection selection =
        HttpRange.select(ranged ? exchange.header("Range") : null, object.length());
    switch (selection) {
      case HttpRange.Unsatisfiable u ->
          exchange.problem(FileResponder.unsatisfiable(object.length()));
      case HttpRange.Whole w -> {
        if (exchange.headOnly() || object.length() == 0) {
          cache.count(how);
          sendHead(object, how, HttpResponseStatus.OK);
        } else {
          deliver(object, how, Delivery.whole(object));
        }
      }
      case HttpRange.Parts(List<HttpRange> ranges) ->
          deliver(object, how, Delivery.of(object, ranges));
    }
  }

  private void sendHead(CachedObject object, How how, HttpResponseStatus status) {
    exchange.respond(
        status,
        headers -> {
          cache.describe(headers, object, how);
          if (status.code() == 200) {
            headers.set("Content-Type", object.contentType());
            headers.set("Content-Length", Long.toString(object.length()));
          }
        },
        new byte[0]);
  }

  // ---- answer with a part that has to be found

  private void findPart(PartFinder by, CachedObject object, How how) {
    CachedFile file = new CachedFile(cache.files(), object, exchange.loop());
    by.find(
        file,
        object.etag(),
        result -> {
          file.close();
          if (file.changed() && !again) {
            lookUpAgain();
            return;
          }
          switch (result) {
            case PartFinder.Whole w -> answer(object, how);
            case PartFinder.Rest rest -> answerRest(object, how, rest);
            case PartFinder.Unreadable(String why) -> {
              cache.count("error");
              exchange.problem(Problem.of(502, "origin-unreachable", "Origin unreachable", why));
            }
          }
        });
  }

  private void answerRest(CachedObject object, How how, PartFinder.Rest rest) {
    long length = rest.head().length + object.length() - rest.position();
    CachedObject described = object.described(length, rest.etag());
    switch (Conditionals.evaluate(exchange.headers(), true, rest.etag(), object.modified())) {
      case NOT_MODIFIED -> {
        cache.count(how);
        sendHead(described, how, HttpResponseStatus.NOT_MODIFIED);
      }
      case FAILED -> refuseCondition();
      case PROCEED -> {
        if (exchange.headOnly()) {
          cache.count(how);
          sendHead(described, how, HttpResponseStatus.OK);
        } else {
          HttpRange own = new HttpRange(rest.position(), object.length() - 1);
          deliverRest(object, described, how, new BodyPart(rest.head(), own));
        }
      }
    }
  }

  // ---- deliver

  private void deliver(CachedObject object, How how, Delivery delivery) {
    new CacheBody(
            cache.files(),
            exchange,
            object,
            delivery.parts(),
            source -> {
              How really = how == How.HIT && source == CacheBody.Source.MEMORY ? How.PARTIAL : how;
              cache.count(really);
              return exchange.begin(
                  delivery.status(),
                  headers -> {
                    cache.describe(headers, object, really);
                    delivery.describe(headers);
                  },
                  delivery.length());
            },
            why -> {
              if (why == FillFailure.CHANGED && !again) {
                lookUpAgain();
              } else {
                fail(why);
              }
            })
        .pump();
  }

  private void deliverRest(CachedObject object, CachedObject described, How how, BodyPart part) {
    new CacheBody(
            cache.files(),
            exchange,
            object,
            List.of(part),
            source -> {
              cache.count(how);
              return exchange.begin(
                  200,
                  headers -> {
                    cache.describe(headers, described, how);
                    headers.set("Accept-Ranges", "none");
                    headers.set("Content-Type", object.contentType());
                  },
                  described.length());
            },
            this::fail)
        .pump();
  }
}
