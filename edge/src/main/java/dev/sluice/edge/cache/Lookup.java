package dev.sluice.edge.cache;

import dev.sluice.chassis.http.Conditionals;
import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
import dev.sluice.edge.cache.CacheAnswer.How;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks an origin what a path is, or whether it is still what it was, once for all who want to know.
 * The question is a range request for the slices that the first of them wants, so that its answer
 * brings the first bytes too. Where there is no strong tag, the whole file is asked for in one
 * answer, since two answers could be two versions.
 *
 * <p>Threading: confined to its loop; {@link #whenKnown} may be called from any.
 */
final class Lookup implements HttpClientHandler {
  private static final long ROUND_PAUSE_MS = 250;

  /** Files are the same at all origins; a live stream is at some of them. */
  private static final String LIVE = "/live/";

  /**
   * What is to be found out.
   *
   * @param old what is known but no longer fresh; null = nothing
   */
  record Question(String path, @Nullable CachedObject old, ObjectTable.Wanted wanted) {}

  private record Waiter(EventLoop loop, Consumer<Resolution> known) {}

  private final FillTable fillTable;
  private final String path;
  private final @Nullable CachedObject old;
  private final EventLoop loop;
  private final Freshness.Defaults defaults;
  private final InstantSource clock;
  private final BiConsumer<Lookup, Resolution> onKnown;
  private final List<Waiter> waiters = new ArrayList<>();
  private final int slices;
  private int firstSlice;
  private boolean ranged;
  private boolean conditional;
  private int attempt;
  private @Nullable OriginCall call;
  private final long untilNanos;
  private final long begunNanos = System.nanoTime();
  private @Nullable RangeFetch fetch;
  private @Nullable Resolution resolution;
  private FillFailure last = FillFailure.UNREACHABLE;

  /**
   * Asks nobody before {@link #start}.
   *
   * @param onKnown told first, on the loop
   */
  Lookup(
      FillTable fillTable,
      Question question,
      EventLoop loop,
      Freshness.Defaults defaults,
      InstantSource clock,
      BiConsumer<Lookup, Resolution> onKnown) {
    this.fillTable = fillTable;
    this.path = question.path();
    this.old = question.old();
    this.firstSlice = question.wanted().firstSlice();
    this.slices = question.wanted().slices();
    this.loop = loop;
    this.defaults = defaults;
    this.clock = clock;
    this.onKnown = onKnown;
    this.untilNanos = fillTable.waitUntilNanos();
    this.conditional = old != null;
    this.ranged = old == null || old.combinable();
    if (!ranged) {
      this.firstSlice = 0;
    }
  }

  String path() {
    return path;
  }

  /** When it began, of {@code System.nanoTime}. */
  long begunNanos() {
    return begunNanos;
  }

  /** Calls back on the given loop, at once when the resolution is there. */
  void whenKnown(EventLoop on, Consumer<Resolution> known) {
    if (!loop.inEventLoop()) {
      loop.execute(() -> whenKnown(on, known));
    } else if (resolution != null) {
      deliver(new Waiter(on, known), resolution);
    } else {
      waiters.add(new Waiter(on, known));
    }
  }

  private static void deliver(Waiter waiter, Resolution resolution) {
    if (waiter.loop().inEventLoop()) {
      waiter.known().accept(resolution);
    } else {
      waiter.loop().execute(() -> waiter.known().accept(resolution));
    }
  }

  private void finish(Resolution known) {
    if (resolution != null) {
      return;
    }
    resolution = known;
    onKnown.accept(this, known);
    waiters.forEach(waiter -> deliver(waiter, known));
    waiters.clear();
  }

  /** Asks; call on the loop. */
  void start() {
    if (fillTable.closed()) {
      finish(new Resolution.Failed(FillFailure.CLOSED));
      return;
    }
    HttpHeaders headers = new DefaultHttpHeaders();
    if (ranged) {
      long from = (long) firstSlice * fillTable.sliceSize();
      headers.set(
          "Range", "bytes=" + from + "-" + (from + (long) slices * fillTable.sliceSize() - 1));
    }
    if (conditional && old != null && old.etag() != null) {
      headers.set("If-None-Match", old.etag());
    } else if (conditional && old != null && old.lastModified() != null) {
      headers.set("If-Modified-Since", old.lastModified());
    }
    OriginCall asked = fillTable.ask(loop, path, headers, this, "lookup", attempt, untilNanos);
    call = asked;
    if (asked == null) {
      finish(new Resolution.Failed(FillFailure.TIMEOUT));
    }
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    if (status == 304 && conditional && old != null) {
      noteAnswer();
      confirm(old, headers);
    } else if (status == 200 || status == 206) {
      accept(status, headers);
    } else if (status == 416 && ranged) {
      noteAnswer();
      drop();
      ranged = firstSlice > 0;
      firstSlice = 0;
      start();
    } else if (UnaskedAnswer.is(status, path)) {
      reject("unasked");
    } else if (status >= 400 && status < 500 && status != 408 && status != 429) {
      noteAnswer();
      drop();
      if (status == 404 && path.startsWith(LIVE) && attempt + 1 < fillTable.origins().size()) {
        tryNext();
      } else {
        finish(new Resolution.Refused(status));
      }
    } else {
      reject("status-" + status / 100 + "xx");
    }
  }

  private void confirm(CachedObject stored, HttpHeaders headers) {
    switch (NotModified.apply(stored, headers, defaults, clock.millis())) {
      case NotModified.Confirmed(CachedObject object) ->
          finish(new Resolution.Found(object, How.REVALIDATED));
      case NotModified.NotToBeKept n -> finish(new Resolution.Uncacheable());
      case NotModified.AnotherVersion a -> {
        fillTable.countError("not-modified-mismatch");
        drop();
        conditional = false;
        start();
      }
    }
  }

  private void noteAnswer() {
    if (call != null) {
      call.origin().noteAnswer();
    }
  }

  private void accept(int status, HttpHeaders headers) {
    UpstreamHead head = UpstreamHead.of(status, headers);
    long from = (long) firstSlice * fillTable.sliceSize();
    if (head == null || (status == 206 && (!ranged || head.first() != from))) {
      reject("wrong-range");
      return;
    }
    noteAnswer();
    Freshness.Lifetime lifetime = Freshness.of(headers, defaults, clock.millis());
    boolean encoded = headers.contains("Content-Encoding");
    if (!lifetime.store() || head.total() < 0 || encoded) {
      drop();
      finish(new Resolution.Uncacheable());
      return;
    }
    List<String> tags = headers.getAll("ETag");
    String etag = tags.size() == 1 ? tags.getFirst() : null;
    if (!Conditionals.strong(etag)) {
      if (head.total() > fillTable.onePieceLimit()) {
        drop();
        finish(new Resolution.Uncacheable());
        return;
      }
      if (head.count() < head.total()) {
        drop();
        ranged = false;
        firstSlice = 0;
        start();
        return;
      }
    }
    String type = headers.get("Content-Type");
    CachedObject object =
        CachedObject.of(
            path,
            new FileHead(
                etag,
                headers.get("Last-Modified"),
                head.total(),
                type == null ? "application/octet-stream" : type,
                NotModified.joined(headers.getAll("Cache-Control")),
                NotModified.joined(headers.getAll("Expires"))),
            lifetime,
            ThreadLocalRandom.current().nextLong());
    if (object.length() > 0) {
      boolean whole = status == 200 || !object.combinable();
      begin(object, whole ? 0 : firstSlice, whole, head.count());
    }
    finish(new Resolution.Found(object, How.MISS));
  }

  /** The body that comes with the answer fills slices; an origin without ranges sends them all. */
  private void begin(CachedObject object, int first, boolean whole, long count) {
    int end = object.lastSlice(fillTable.sliceSize());
    int to = whole ? end : Math.min(end, first + slices - 1);
    List<FillingSlice> filling = fillTable.register(object, first, to, loop);
    OriginCall running = call;
    if (filling.isEmpty() || running == null) {
      fillTable.fail(filling, FillFailure.UNREACHABLE);
      drop();
      return;
    }
    RangeFetch taken = new RangeFetch(fillTable, object, filling, loop);
    taken.adopt(running, attempt, count);
    fetch = taken;
  }

  @Override
  public void data(ByteBuf borrowed) {
    if (fetch != null) {
      fetch.data(borrowed);
    }
  }

  @Override
  public void end() {
    if (fetch != null) {
      call = null;
      fetch.end();
    } else if (resolution == null) {
      reject("empty");
    }
  }

  @Override
  public void failed(HttpClientException cause) {
    call = null;
    if (fetch != null) {
      fetch.failed(cause);
      return;
    }
    last = FillFailure.of(cause.reason());
    fillTable.countError(cause.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    tryNext();
  }

  private void reject(String reason) {
    if (resolution != null) {
      return;
    }
    fillTable.countError(reason);
    if (call != null) {
      call.origin().noteRefusal(System.nanoTime());
    }
    drop();
    tryNext();
  }

  private void tryNext() {
    attempt++;
    int origins = fillTable.origins().size();
    boolean late = System.nanoTime() - untilNanos >= 0;
    if (late || attempt >= 2 * origins || fillTable.closed()) {
      finish(new Resolution.Failed(last));
    } else if (attempt % origins == 0) {
      loop.schedule(this::start, ROUND_PAUSE_MS, TimeUnit.MILLISECONDS);
    } else {
      start();
    }
  }

  private void drop() {
    OriginCall running = call;
    call = null;
    if (running != null) {
      running.cancel();
    }
  }
}
