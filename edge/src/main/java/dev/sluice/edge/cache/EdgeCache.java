package dev.sluice.edge.cache;

import dev.sluice.chassis.http.BodyPart;
import dev.sluice.chassis.http.Conditionals;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.Multipart;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.UpstreamClient;
import dev.sluice.chassis.http.UpstreamDeadlines;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.edge.cache.CacheAnswer.How;
import dev.sluice.media.vod.FlvCut;
import dev.sluice.media.vod.FlvOpening;
import dev.sluice.media.vod.FlvSeek;
import dev.sluice.media.vod.ProbeRun;
import dev.sluice.media.vod.SeekQuery;
import dev.sluice.media.vod.VodSource;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
  private static final long FARTHEST = 1L << 50;

  private final String name;
  private final CacheConfig config;
  private final InstantSource clock;
  private final UpstreamClient upstream;
  private final SlotStore store;
  private final FillTable fillTable;
  private final CacheParts cache;
  private final Meters meters;
  private final ObjectTable objects;

  private EdgeCache(
      CacheConfig config,
      List<URI> origins,
      @Nullable ClientTls tls,
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
    this.upstream = new UpstreamClient(loops, deadlines(config.originPatience()), tls);
    this.fillTable =
        new FillTable(upstream, new Origins(origins), store, config, name, meters, this::changed);
    this.cache =
        new CacheParts(
            store,
            fillTable,
            config.readAhead(),
            meters.counter(CacheMeters.SENT, "disk"),
            meters.counter(CacheMeters.SENT, "fill"),
            new AtomicInteger());
    this.objects = new ObjectTable(config, fillTable, store, known, meters, clock);
  }

  /**
   * Opens or makes the cache's files; blocks.
   *
   * @param origins base URLs in order of preference, at least one
   * @param tls for origins of https; null if there are none
   * @param name of this cache in {@code Cache-Status} and {@code CDN-Loop}
   * @throws IOException when the directory cannot be used
   */
  public static EdgeCache open(
      CacheConfig config,
      List<URI> origins,
      @Nullable ClientTls tls,
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
      return new EdgeCache(config, origins, tls, name, loops, meters, clock, store, known);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** A little longer than {@link Patience}, which comes first. */
  private static UpstreamDeadlines deadlines(Duration patience) {
    Duration longer = patience.plusSeconds(1);
    return new UpstreamDeadlines(
        Duration.ofSeconds(2), longer, longer, UpstreamDeadlines.defaults().keepAlive());
  }

  /** Bodies on their way to viewers now. */
  public int deliveries() {
    return cache.running().get();
  }

  /** The same files for players over RTMP. */
  public VodSource files() {
    return this::open;
  }

  private void open(String path, EventLoop loop, Consumer<VodSource.Opened> answer) {
    ObjectTable.Wanted start = new ObjectTable.Wanted(0, 1);
    objects.resolve("/vod/" + path, loop, start, resolved -> answer.accept(opened(resolved, loop)));
  }

  private VodSource.Opened opened(ObjectTable.Resolved resolved, EventLoop loop) {
    return switch (resolved) {
      case ObjectTable.Ready(CachedObject object, How how) -> {
        count(how.result());
        yield new VodSource.Found(new CachedFile(cache, object, loop));
      }
      case ObjectTable.Refused(int status) -> {
        count("negative");
        yield status == 404 || status == 410
            ? new VodSource.Absent()
            : new VodSource.Unavailable(CacheAnswer.refused(status).detail());
      }
      case ObjectTable.Uncacheable u ->
          new VodSource.Unavailable("This file is not to be cached; fetch it over HTTP.");
      case ObjectTable.Failed(FillFailure why) -> {
        count("error");
        yield new VodSource.Unavailable(CacheAnswer.problem(why).detail());
      }
    };
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
    SeekQuery seek = seek(exchange);
    String path = exchange.path();
    if (path.endsWith("/")) {
      exchange.problem(CacheAnswer.refused(404));
      return;
    }
    ObjectTable.Wanted wanted = wanted(exchange, fillTable.sliceSize(), config.readAhead());
    objects.resolve(
        path,
        exchange.loop(),
        wanted,
        resolved -> {
          switch (resolved) {
            case ObjectTable.Ready(CachedObject object, How how) -> {
              if (seek == null) {
                answer(exchange, object, how, again);
              } else {
                cut(exchange, object, how, seek, again);
              }
            }
            case ObjectTable.Refused(int status) -> {
              count("negative");
              exchange.problem(CacheAnswer.refused(status));
            }
            case ObjectTable.Uncacheable u -> pass(exchange);
            case ObjectTable.Failed(FillFailure why) -> failed(exchange, why);
          }
        });
  }

  private static ObjectTable.Wanted wanted(HttpExchange exchange, int sliceSize, int readAhead) {
    HttpRange.Selection selection =
        exchange.headOnly()
            ? new HttpRange.Parts(List.of(new HttpRange(0, 0)))
            : HttpRange.select(exchange.header("Range"), Long.MAX_VALUE);
    if (selection instanceof HttpRange.Parts parts
        && parts.ranges().getFirst().first() < FARTHEST) {
      HttpRange range = parts.ranges().getFirst();
      long first = range.first() / sliceSize;
      long count = Math.min(readAhead, range.last() / sliceSize - first) + 1;
      return new ObjectTable.Wanted((int) Math.min(first, Integer.MAX_VALUE / 2), (int) count);
    }
    return new ObjectTable.Wanted(0, selection instanceof HttpRange.Whole ? 1 + readAhead : 1);
  }

  private void changed(CachedObject object) {
    objects.changed(object);
  }

  private void failed(HttpExchange exchange, FillFailure why) {
    count("error");
    exchange.problem(CacheAnswer.problem(why));
  }

  private void pass(HttpExchange exchange) {
    count(How.PASS.result());
    new PassThrough(
            fillTable,
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
      case FAILED -> changedMeanwhile(exchange);
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

  // ---- seek

  private static @Nullable SeekQuery seek(HttpExchange exchange) {
    try {
      return SeekQuery.of(exchange.path(), exchange.query("t"), exchange.query("start"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.of(400, "bad-seek", "Request refused", String.valueOf(e.getMessage())));
    }
  }

  /** Finds the keyframe first, by looks at the file that come from the cache like all else. */
  private void cut(
      HttpExchange exchange, CachedObject object, How how, SeekQuery seek, boolean again) {
    CachedFile file = new CachedFile(cache, object, exchange.loop());
    FlvOpening opening = new FlvOpening(object.length());
    ProbeRun.run(
        file,
        opening,
        fault -> {
          if (fault != null || !opening.playable()) {
            file.close();
            if (file.changed() && !again) {
              receive(exchange, true);
            } else {
              cutFound(exchange, object, how, fault, null);
            }
            return;
          }
          FlvSeek search = seek.in(opening);
          ProbeRun.run(
              file,
              search,
              lost -> {
                file.close();
                if (file.changed() && !again) {
                  receive(exchange, true);
                } else {
                  cutFound(
                      exchange,
                      object,
                      how,
                      lost,
                      lost == null ? FlvCut.at(opening, search.place()) : null);
                }
              });
        });
  }

  private void cutFound(
      HttpExchange exchange,
      CachedObject object,
      How how,
      @Nullable String fault,
      @Nullable FlvCut cut) {
    if (fault != null) {
      count("error");
      exchange.problem(Problem.of(502, "origin-unreachable", "Origin unreachable", fault));
    } else if (cut == null) {
      answer(exchange, object, how, false);
    } else {
      String etag = object.etag() == null ? null : cut.etag(object.etag());
      CachedObject described = object.described(cut.length(object.length()), etag);
      switch (Conditionals.evaluate(exchange.headers(), true, etag, object.modified())) {
        case NOT_MODIFIED -> headOnly(exchange, described, how, HttpResponseStatus.NOT_MODIFIED);
        case FAILED -> changedMeanwhile(exchange);
        case PROCEED -> sendCut(exchange, object, described, how, cut);
      }
    }
  }

  private void sendCut(
      HttpExchange exchange, CachedObject object, CachedObject described, How how, FlvCut cut) {
    if (exchange.headOnly()) {
      count(how.result());
      headOnly(exchange, described, how, HttpResponseStatus.OK);
      return;
    }
    BodyPart part = new BodyPart(cut.head(), new HttpRange(cut.position(), object.length() - 1));
    new CacheBody(
            cache,
            exchange,
            object,
            List.of(part),
            source -> {
              count(how.result());
              return exchange.begin(
                  200,
                  headers -> {
                    CacheAnswer.describe(headers, described, name, how, clock.millis());
                    headers.set("Accept-Ranges", "none");
                    headers.set("Content-Type", object.contentType());
                  },
                  described.length());
            },
            why -> failed(exchange, why))
        .pump();
  }

  private static void changedMeanwhile(HttpExchange exchange) {
    exchange.problem(
        Problem.of(412, "precondition-failed", "Precondition failed", "The file has changed."));
  }

  // ---- deliver

  private void deliver(
      HttpExchange exchange, CachedObject object, Delivery delivery, How how, boolean again) {
    new CacheBody(
            cache,
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
    fillTable.close();
    upstream.close();
    objects.close();
    store.close();
  }
}
