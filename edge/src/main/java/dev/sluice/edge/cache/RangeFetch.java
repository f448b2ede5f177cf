package dev.sluice.edge.cache;

import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Fetches a run of adjacent slices of one object with one request. When an origin fails half way,
 * the next goes on from the byte that is missing, if a strong tag says that it has the same bytes.
 * What counts as progress is how far the slices are filled, never what came: an origin that ignores
 * ranges sends what is there already, again and again.
 *
 * <p>Threading: confined to its loop.
 */
final class RangeFetch implements HttpClientHandler, SliceWriter.Flow {
  private static final long ROUND_PAUSE_MS = 250;

  private final FillTable fillTable;
  private final CachedObject object;
  private final EventLoop loop;
  private final SliceWriter writer;
  private final long end;
  private @Nullable OriginCall call;
  private long untilNanos;
  private int attempt;
  private boolean ended;
  private boolean over;
  private long askedAt;
  private long announced;
  private FillFailure last = FillFailure.UNREACHABLE;

  RangeFetch(FillTable fillTable, CachedObject object, List<FillingSlice> slices, EventLoop loop) {
    this.fillTable = fillTable;
    this.object = object;
    this.loop = loop;
    this.untilNanos = fillTable.waitUntilNanos();
    this.writer = fillTable.newWriter(slices, loop, this);
    FillingSlice lastSlice = slices.getLast();
    this.end = offset(lastSlice) + lastSlice.length();
    this.askedAt = mark();
  }

  /** The first byte that is missing. */
  private long mark() {
    FillingSlice next = writer.next();
    return next == null ? end : offset(next) + next.filled();
  }

  private long offset(FillingSlice slice) {
    return (long) slice.key().slice() * fillTable.sliceSize();
  }

  /** Sends the first request. */
  void start() {
    send();
  }

  /**
   * Takes over an answer whose head has been seen and whose body begins with the first slice.
   *
   * @param count bytes that the body is said to have
   */
  void adopt(OriginCall running, int attempts, long count) {
    call = running;
    attempt = attempts;
    announced = count;
  }

  private void send() {
    FillingSlice next = writer.next();
    if (next == null || over) {
      return;
    }
    if (fillTable.closed()) {
      giveUp(FillFailure.CLOSED);
      return;
    }
    ended = false;
    HttpHeaders headers = new DefaultHttpHeaders();
    askedAt = mark();
    headers.set("Range", "bytes=" + askedAt + "-" + (end - 1));
    if (object.etag() != null) {
      headers.set("If-Range", object.etag());
    }
    OriginCall asked =
        fillTable.ask(loop, object.path(), headers, this, "fill", attempt, untilNanos);
    call = asked;
    if (asked == null) {
      giveUp(FillFailure.TIMEOUT);
    } else if (writer.waiting()) {
      asked.pause();
    }
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    if (status == 404 || status == 410 || status == 416) {
      giveUpVersion();
      return;
    }
    UpstreamHead head = status == 200 || status == 206 ? UpstreamHead.of(status, headers) : null;
    if (head == null || writer.done()) {
      reject("status-" + status / 100 + "xx");
      return;
    }
    if (!object.isVersion(headers.get("ETag"), head.total())) {
      giveUpVersion();
      return;
    }
    if (headers.contains("Content-Encoding")) {
      reject("encoded");
      return;
    }
    long wanted = mark();
    if (head.first() > wanted) {
      reject("wrong-range");
      return;
    }
    writer.skip(wanted - head.first());
    announced = head.count();
    if (call != null) {
      call.expectKnown(wanted - head.first());
      call.origin().noteAnswer();
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    fillTable.countFetched(borrowed.readableBytes());
    // More than the head announced belongs to nothing.
    int count = (int) Math.min(borrowed.readableBytes(), announced);
    announced -= count;
    if (!over) {
      writer.feed(borrowed.slice(borrowed.readerIndex(), count));
    }
  }

  @Override
  public void end() {
    ended = true;
    call = null;
    if (!over && !writer.done() && !writer.holds()) {
      fillTable.countError("short");
      goOn();
    }
  }

  @Override
  public void failed(HttpClientException cause) {
    call = null;
    if (over) {
      return;
    }
    fillTable.countError(cause.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    last = FillFailure.of(cause.reason());
    if (last == FillFailure.TIMEOUT && object.combinable() && !writer.waitedFor()) {
      // It would stall again, and nobody waits: whoever comes later asks anew.
      giveUp(last);
    } else {
      goOn();
    }
  }

  private void reject(String reason) {
    fillTable.countError(reason);
    if (call != null) {
      call.origin().noteRefusal(System.nanoTime());
    }
    drop();
    goOn();
  }

  private void goOn() {
    writer.dropHeld();
    if (!object.combinable()) {
      // Another answer would be another version.
      giveUpVersion();
      return;
    }
    int origins = fillTable.origins().size();
    // An origin that brought something counts as a new beginning, with the next one first. A few
    // bytes are nothing: with a trickle for each question a viewer would wait for ever.
    boolean progressed = mark() - askedAt >= FillingSlice.PIECE_BYTES;
    askedAt = mark();
    attempt = progressed ? attempt % origins + 1 : attempt + 1;
    boolean late = System.nanoTime() - untilNanos >= 0;
    if (progressed && !fillTable.closed()) {
      untilNanos = fillTable.waitUntilNanos();
      send();
    } else if (late || attempt >= 2 * origins || fillTable.closed()) {
      giveUp(last);
    } else if (attempt % origins == 0) {
      loop.schedule(this::send, ROUND_PAUSE_MS, TimeUnit.MILLISECONDS);
    } else {
      send();
    }
  }

  private void giveUpVersion() {
    fillTable.countError("changed");
    drop();
    fillTable.forget(object);
    giveUp(FillFailure.CHANGED);
  }

  private void giveUp(FillFailure why) {
    over = true;
    writer.stop();
    fillTable.fail(List.copyOf(writer.open()), why);
  }

  private void drop() {
    OriginCall running = call;
    call = null;
    if (running != null) {
      running.cancel();
    }
  }

  // ---- the writer's wishes

  @Override
  public void pause() {
    if (call != null) {
      call.pause();
    }
  }

  @Override
  public void resume() {
    if (call != null) {
      call.resume();
    } else if (ended && !writer.done() && !over) {
      fillTable.countError("short");
      goOn();
    }
  }

  @Override
  public void complete(FillingSlice slice) {
    fillTable.complete(slice, loop);
    if (writer.done()) {
      over = true;
      if (!ended) {
        // The last bytes may be those of the answer too: let its end come if it is next.
        loop.execute(this::drop);
      }
    }
  }
}
