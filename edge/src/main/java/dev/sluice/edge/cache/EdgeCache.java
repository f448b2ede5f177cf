package dev.sluice.edge.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.chassis.http.BodyPart;
import dev.sluice.chassis.http.Conditionals;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.Multipart;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.UpstreamClient;
import dev.sluice.chassis.http.UpstreamDeadlines;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.edge.cache.CacheAnswer.How;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Answers GET and HEAD with files of the origins, kept on disk in slices.
 *
 * <p>Steps of a request: <b>receive</b> (is it known and fresh?), <b>look up</b> (else ask an
 * origin, once for all who ask), <b>answer</b> (conditions, ranges), <b>deliver</b> ({@link
 * CacheBody}: each slice from disk, or from a fill that all share). What must not be kept is handed
 * through. The query is no part of a file's name.
 *
 * <p>Threading: each request on its own loop; the object table is shared and concurrent.
 */
public final class EdgeCache implements HttpHandler, AutoCloseable {
  private static final long PASS_MS = 10_000;
  private static final long STALE_RETRY_MS = 2_000;
  private static final long FARTHEST = 1L << 50;

  /** What is known of a path. */
  private sealed interface Entry {}

  private record Known(CachedObject object) implements Entry {}

  private record Absent(int status, long untilMs) implements Entry {}

  private record PassOnly(long untilMs) implements Entry {}

  private final String name;
  private final CacheConfig config;
  private final InstantSource clock;
  private final Freshness.Defaults defaults;
  private final UpstreamClient upstream;
  private final SlotStore store;
  private final ObjectLog log;
  private final Fills fills;
  private final CacheBody.Means means;
  private final Meters meters;
  private final Cache<String, Entry> objects;
  private final Map<String, Lookup> lookups = new ConcurrentHashMap<>();

  private EdgeCache(
      CacheConfig config,
      List<URI> origins,
      String name,
      EventLoops loops,
      Meters meters,
      InstantSource clock,
      SlotStore store,
      ObjectLog.Opened known) {
    this.name = name;
    this.config = config;
    this.clock = clock;
    this.meters = meters;
    this.store = store;
    this.log = known.log();
    this.defaults = new Freshness.Defaults(config.defaultTtl(), config.staleIfError());
    this.upstream = new UpstreamClient(loops, UpstreamDeadlines.defaults());
    this.fills =
        new Fills(upstream, new Origins(origins), store, config, name, meters, this::changed);
    this.means =
        new CacheBody.Means(
            store,
            fills,
            config.readAhead(),
            meters.counter(CacheMeters.SENT, "disk"),
            meters.counter(CacheMeters.SENT, "fill"),
            new AtomicInteger());
    this.objects =
        Caffeine.newBuilder().maximumSize(config.maxObjects()).executor(Runnable::run).build();
    known.objects().forEach(object -> objects.put(object.path(), new Known(object)));
    meters.gauge(CacheMeters.OBJECTS, objects::estimatedSize);
  }

  /**
   * Opens or makes the cache's files; blocks.
   *
   * @param origins base URLs in order of preference, at least one
   * @param name of this cache in {@code Cache-Status} and {@code CDN-Loop}
   * @throws IOException when the directory cannot be used
   */
  public static EdgeCache open(
      CacheConfig config,
      List<URI> origins,
      String name,
      EventLoops loops,
      Meters meters,
      InstantSource clock)
      throws IOException {
    if (origins.isEmpty()) {
      throw new IllegalArgumentException("origins: none (expected: at least one)");
    }
    Path dir = Path.of(config.dir());
    SlotStore store =
        SlotStore.open(dir, config.size().bytes(), config.sliceSize().toIntExact(), meters);
    try {
      ObjectLog.Opened known =
          ObjectLog.open(
              dir,
              config.maxObjects(),
              meters.counter(CacheMeters.STORE_ERRORS, "log"),
              System::nanoTime);
      return new EdgeCache(config, origins, name, loops, meters, clock, store, known);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Bodies on their way to viewers now. */
  public int deliveries() {
    return means.running().get();
  }

  // ---- receive

  @Override
  public void handle(HttpExchange exchange) {
    String passedBy = exchange.header("CDN-Loop");
    if (passedBy != null && List.of(passedBy.split("[\\s,]+")).contains(name)) {
      exchange.problem(
          Problem.of(508, "loop", "Loop detected", "This request has been here before."));
      return;
    }
    receive(exchange, false);
  }

  private void receive(HttpExchange exchange, boolean again) {
    long nowMs = clock.millis();
    switch (objects.getIfPresent(exchange.path())) {
      case null -> lookUp(exchange, null, again);
      case Known(CachedObject object) -> {
        if (nowMs < object.freshUntilMs()) {
          answer(exchange, object, How.HIT, again);
        } else {
          lookUp(exchange, object, again);
        }
      }
      case Absent(int status, long untilMs) -> {
        if (nowMs < untilMs) {
          count("negative");
          exchange.problem(CacheAnswer.refused(status));
        } else {
          lookUp(exchange, null, again);
        }
      }
      case PassOnly(long untilMs) -> {
        if (nowMs < untilMs) {
          pass(exchange);
        } else {
          lookUp(exchange, null, again);
        }
      }
    }
  }

  // ---- look up

  private void lookUp(HttpExchange exchange, @Nullable CachedObject old, boolean again) {
    String path = exchange.path();
    if (path.endsWith("/")) {
      exchange.problem(CacheAnswer.refused(404));
      return;
    }
    Wanted wanted = Wanted.of(exchange, fills.sliceSize(), config.readAhead());
    Lookup[] self = new Lookup[1];
    Lookup mine =
        new Lookup(
            fills,
            path,
            old,
            wanted.firstSlice(),
            wanted.slices(),
            exchange.loop(),
            defaults,
            clock,
            outcome -> {
              learn(path, outcome);
              lookups.remove(path, self[0]);
            });
    self[0] = mine;
    Lookup running = lookups.putIfAbsent(path, mine);
    if (running != null) {
      running.whenKnown(
          exchange.loop(), outcome -> known(exchange, old, outcome, How.MISS_COLLAPSED, again));
      return;
    }
    if (objects.getIfPresent(path) instanceof Known(CachedObject now)
        && clock.millis() < now.freshUntilMs()) {
      // Another lookup ended between our look and our turn.
      lookups.remove(path, mine);
      answer(exchange, now, How.HIT, again);
      return;
    }
    mine.whenKnown(exchange.loop(), outcome -> known(exchange, old, outcome, How.MISS, again));
    mine.start();
  }

  /** The slices to fetch along with the first question, before the length is known. */
  private record Wanted(int firstSlice, int slices) {
    static Wanted of(HttpExchange exchange, int sliceSize, int readAhead) {
      HttpRange.Selection selection =
          exchange.headOnly()
              ? new HttpRange.Parts(List.of(new HttpRange(0, 0)))
              : HttpRange.select(exchange.header("Range"), Long.MAX_VALUE);
      if (selection instanceof HttpRange.Parts parts
          && parts.ranges().getFirst().first() < FARTHEST) {
        HttpRange range = parts.ranges().getFirst();
        long first = range.first() / sliceSize;
        long count = Math.min(readAhead, range.last() / sliceSize - first) + 1;
        return new Wanted((int) Math.min(first, Integer.MAX_VALUE / 2), (int) count);
      }
      return selection instanceof HttpRange.Whole ? new Wanted(0, 1 + readAhead) : new Wanted(0, 1);
    }
  }

  private void learn(String path, Lookup.Outcome outcome) {
    switch (outcome) {
      case Lookup.Found(CachedObject object, boolean confirmed) -> {
        objects.put(path, new Known(object));
        store.later(() -> remember(object));
      }
      case Lookup.Refused(int status) ->
          objects.put(path, new Absent(status, clock.millis() + config.negativeTtl().toMillis()));
      case Lookup.Uncacheable u -> objects.put(path, new PassOnly(clock.millis() + PASS_MS));
      case Lookup.Failed f -> {}
    }
  }

  private void remember(CachedObject object) {
    log.append(object);
    if (log.outdated()) {
      log.rewrite(
          objects.asMap().values().stream()
              .flatMap(
                  entry ->
                      entry instanceof Known(CachedObject known)
                          ? java.util.stream.Stream.of(known)
                          : java.util.stream.Stream.empty())
              .toList());
    }
  }

  private void known(
      HttpExchange exchange,
      @Nullable CachedObject old,
      Lookup.Outcome outcome,
      How miss,
      boolean again) {
    switch (outcome) {
      case Lookup.Found(CachedObject object, boolean confirmed) ->
          answer(exchange, object, confirmed ? How.REVALIDATED : miss, again);
      case Lookup.Refused(int status) -> {
        count("negative");
        exchange.problem(CacheAnswer.refused(status));
      }
      case Lookup.Uncacheable u -> pass(exchange);
      case Lookup.Failed(FillFailure why) -> {
        if (old != null && clock.millis() < old.staleUntilMs()) {
          long untilMs = clock.millis() + STALE_RETRY_MS;
          objects.put(
              old.path(),
              new Known(
                  old.confirmed(
                      new Freshness.Lifetime(
                          true, old.fetchedAtMs(), untilMs, old.staleUntilMs()))));
          answer(exchange, old, How.STALE, again);
        } else {
          failed(exchange, why);
        }
      }
    }
  }

  private void changed(CachedObject object) {
    objects
        .asMap()
        .computeIfPresent(
            object.path(),
            (path, entry) ->
                entry instanceof Known(CachedObject now) && now.sameVersion(object) ? null : entry);
  }

  private void failed(HttpExchange exchange, FillFailure why) {
    count("error");
    exchange.problem(CacheAnswer.problem(why));
  }

  private void pass(HttpExchange exchange) {
    count(How.PASS.result());
    new PassThrough(
            fills,
            exchange,
            CacheAnswer.cacheStatus(name, How.PASS),
            meters.counter(CacheMeters.SENT, "pass"))
        .start();
  }

  // ---- answer

  private void answer(HttpExchange exchange, CachedObject object, How how, boolean again) {
    switch (Conditionals.evaluate(exchange.headers(), true, object.etag(), object.modified())) {
      case NOT_MODIFIED -> {
        count(how.result());
        headOnly(exchange, object, how, HttpResponseStatus.NOT_MODIFIED);
      }
      case FAILED ->
          exchange.problem(
              Problem.of(
                  412, "precondition-failed", "Precondition failed", "The file has changed."));
      case PROCEED -> proceed(exchange, object, how, again);
    }
  }

  private void headOnly(
      HttpExchange exchange, CachedObject object, How how, HttpResponseStatus status) {
    exchange.respond(
        status,
        headers -> {
          CacheAnswer.describe(headers, object, name, how, clock.millis());
          if (status.code() == 200) {
            headers.set("Content-Type", object.contentType());
            headers.set("Content-Length", Long.toString(object.length()));
          }
        },
        new byte[0]);
  }

  private void proceed(HttpExchange exchange, CachedObject object, How how, boolean again) {
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
          count(how.result());
          headOnly(exchange, object, how, HttpResponseStatus.OK);
        } else {
          HttpRange all = new HttpRange(0, object.length() - 1);
          Delivery delivery =
              new Delivery(
                  200, object.contentType(), null, object.length(), List.of(BodyPart.of(all)));
          deliver(exchange, object, delivery, how, again);
        }
      }
      case HttpRange.Parts(List<HttpRange> ranges) ->
          deliver(exchange, object, Delivery.of(object, ranges), how, again);
    }
  }

  /** Status, head and parts of a body. */
  private record Delivery(
      int status,
      String contentType,
      @Nullable String contentRange,
      long length,
      List<BodyPart> parts) {
    static Delivery of(CachedObject object, List<HttpRange> ranges) {
      if (ranges.size() == 1) {
        HttpRange range = ranges.getFirst();
        return new Delivery(
            206,
            object.contentType(),
            range.contentRange(object.length()),
            range.length(),
            List.of(BodyPart.of(range)));
      }
      Multipart multipart = new Multipart(ranges, object.contentType(), object.length());
      return new Delivery(
          206, multipart.contentType(), null, multipart.length(), multipart.parts());
    }
  }

  // ---- deliver

  private void deliver(
      HttpExchange exchange, CachedObject object, Delivery delivery, How how, boolean again) {
    new CacheBody(
            means,
            exchange,
            object,
            delivery.parts(),
            source -> {
              How really = how == How.HIT && source == CacheBody.Source.MEMORY ? How.PARTIAL : how;
              count(really.result());
              return exchange.begin(
                  delivery.status(),
                  headers -> {
                    CacheAnswer.describe(headers, object, name, really, clock.millis());
                    headers.set("Content-Type", delivery.contentType());
                    if (delivery.contentRange() != null) {
                      headers.set("Content-Range", delivery.contentRange());
                    }
                  },
                  delivery.length());
            },
            why -> {
              if (why == FillFailure.CHANGED && !again) {
                receive(exchange, true);
              } else {
                failed(exchange, why);
              }
            })
        .pump();
  }

  private void count(String result) {
    meters.counter(CacheMeters.REQUESTS, result).increment();
  }

  /** Ends fills and closes the files; close the HTTP server first. */
  @Override
  public void close() {
    fills.close();
    upstream.close();
    store.later(log::close);
    store.close();
  }
}
