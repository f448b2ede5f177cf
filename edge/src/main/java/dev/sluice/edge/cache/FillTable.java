package dev.sluice.edge.cache;

import dev.sluice.chassis.http.client.HttpClient;
import dev.sluice.chassis.http.client.HttpClientCall;
import dev.sluice.chassis.http.client.HttpClientHandler;
import dev.sluice.chassis.http.client.HttpClientRequest;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.edge.cache.disk.SliceKey;
import dev.sluice.edge.cache.disk.SlotStore;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The fill table: every slice that is being fetched, once. A fill belongs to nobody: a viewer who
 * leaves does not end it for others.
 *
 * <p>Threading: any loop; the map is concurrent because it is where loops meet.
 */
final class FillTable {
  private static final int ONE_PIECE_PART = 8;
  private static final long HEAD_BESIDE_OTHERS_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SILENCE_BESIDE_OTHERS_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final HttpClient upstream;
  private final Origins origins;
  private final SlotStore store;
  private final FillBudget budget;
  private final int sliceSize;
  private final long patienceNanos;
  private final String cdnLoop;
  private final Meters meters;
  private final Consumer<CachedObject> onChanged;
  private final Map<SliceKey, FillingSlice> table = new ConcurrentHashMap<>();
  private final Counter fetchedBytes;
  private final Counter stored;
  private final Counter unstored;
  private final Counter failed;
  private volatile boolean closed;

  /**
   * Begins with nothing being fetched.
   *
   * @param cdnLoop this cache's name in {@code CDN-Loop}
   * @param onChanged told of an object whose version is no longer what the origin has
   */
  FillTable(
      HttpClient upstream,
      Origins origins,
      SlotStore store,
      CacheConfig config,
      String cdnLoop,
      Meters meters,
      Consumer<CachedObject> onChanged) {
    this.upstream = upstream;
    this.origins = origins;
    this.store = store;
    this.budget = new FillBudget(config.fillMemory().bytes());
    this.sliceSize = config.sliceSize().toIntExact();
    this.patienceNanos = config.originPatience().toNanos();
    this.cdnLoop = cdnLoop;
    this.meters = meters;
    this.onChanged = onChanged;
    this.fetchedBytes = meters.counter(CacheMeters.FETCHED);
    this.stored = meters.counter(CacheMeters.FILLS, "stored");
    this.unstored = meters.counter(CacheMeters.FILLS, "unstored");
    this.failed = meters.counter(CacheMeters.FILLS, "failed");
    meters.gauge(CacheMeters.FILL_MEMORY, budget::used);
  }

  Origins origins() {
    return origins;
  }

  int sliceSize() {
    return sliceSize;
  }

  boolean closed() {
    return closed;
  }

  void close() {
    closed = true;
  }

  /**
   * The filling slice, begun if need be together with the missing ones behind it. Call on {@code
   * loop}.
   *
   * @param runLast last slice worth fetching now
   * @return retained, or null when the slice is on disk by now
   */
  @Nullable FillingSlice join(CachedObject object, int slice, int runLast, EventLoop loop) {
    SliceKey key = object.slice(slice);
    while (true) {
      FillingSlice filling = table.get(key);
      if (filling != null && filling.retain()) {
        return filling;
      }
      if (store.contains(key)) {
        return null;
      }
      if (!object.combinable()) {
        return failLost(object, slice, loop);
      }
      List<FillingSlice> run = register(object, slice, runLast, loop);
      if (!run.isEmpty()) {
        FillingSlice first = run.getFirst();
        first.retain();
        new RangeFetch(this, object, run, loop).start();
        return first;
      }
      Thread.onSpinWait();
    }
  }

  /** Fails a slice that only one answer had, which has ended. */
  private FillingSlice failLost(CachedObject object, int slice, EventLoop loop) {
    countError("lost");
    forget(object);
    FillingSlice lost =
        new FillingSlice(object.slice(slice), object.sliceLength(slice, sliceSize), loop, () -> {});
    lost.fail(FillFailure.CHANGED);
    return lost;
  }

  /** Whether all of a file is on disk or on its way. */
  boolean holdsAll(CachedObject object) {
    int last = object.length() == 0 ? -1 : object.lastSlice(sliceSize);
    for (int slice = 0; slice <= last; slice++) {
      SliceKey key = object.slice(slice);
      if (!table.containsKey(key) && !store.contains(key)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The largest file that is fetched in one piece and kept: so small beside the cache that its
   * first slices are still there when its last ones come.
   */
  long onePieceLimit() {
    return Math.max(1, store.slots() / ONE_PIECE_PART) * (long) sliceSize;
  }

  /** Begins what is missing of a stretch, for later. Call on {@code loop}. */
  void fetchAhead(CachedObject object, int from, int to, EventLoop loop) {
    if (!object.combinable()) {
      return;
    }
    for (int slice = from; slice <= to; ) {
      List<FillingSlice> run = register(object, slice, to, loop);
      if (run.isEmpty()) {
        slice++;
      } else {
        new RangeFetch(this, object, run, loop).start();
        slice += run.size();
      }
    }
  }

  /** Enters adjacent slices, beginning with {@code first}, up to one that is there already. */
  List<FillingSlice> register(CachedObject object, int first, int last, EventLoop loop) {
    List<FillingSlice> run = new ArrayList<>();
    for (int slice = first; slice <= last; slice++) {
      SliceKey key = object.slice(slice);
      int length = object.sliceLength(slice, sliceSize);
      if (store.contains(key) || table.containsKey(key)) {
        break;
      }
      FillingSlice filling = new FillingSlice(key, length, loop, () -> budget.release(length));
      if (table.putIfAbsent(key, filling) != null) {
        break;
      }
      run.add(filling);
    }
    return run;
  }

  /** Makes the writer of a run of slices, which takes memory from the budget of all. */
  SliceWriter newWriter(List<FillingSlice> run, EventLoop loop, SliceWriter.Flow flow) {
    return new SliceWriter(run, loop, budget, ByteBufAllocator.DEFAULT, flow);
  }

  /** When whoever begins to wait now has waited long enough for an origin. */
  long waitUntilNanos() {
    return System.nanoTime() + patienceNanos;
  }

  /**
   * Sends a request for a path to the origin whose turn it is. One that has another beside it gets
   * a part of the time only.
   *
   * @param attempt 0 for the first
   * @param untilNanos when the one who waits gives up
   * @return null when all origins are known to hang
   */
  @Nullable OriginCall ask(
      EventLoop loop,
      String path,
      HttpHeaders headers,
      HttpClientHandler handler,
      String purpose,
      int attempt,
      long untilNanos) {
    long now = System.nanoTime();
    Origins.Origin origin = origins.pick(attempt, now);
    if (origin == null) {
      countError("all-hang");
      return null;
    }
    boolean other = attempt < origins.size() - 1 && origins.hasOther(origin, now);
    long left = Math.max(1, untilNanos - now);
    Patience patience =
        new Patience(
            other ? Math.min(left, HEAD_BESIDE_OTHERS_NANOS) : left,
            other ? Math.min(patienceNanos, SILENCE_BESIDE_OTHERS_NANOS) : patienceNanos,
            now);
    return OriginCall.send(
        loop,
        origin,
        handler,
        patience,
        watched -> send(loop, origin, path, headers, watched, purpose));
  }

  private HttpClientCall send(
      EventLoop loop,
      Origins.Origin origin,
      String path,
      HttpHeaders headers,
      HttpClientHandler handler,
      String purpose) {
    meters.counter(CacheMeters.FETCHES, purpose).increment();
    String prefix = origin.base().getRawPath();
    String target =
        (prefix == null ? "" : prefix.replaceAll("/+$", "")) + UpstreamPath.encode(path);
    headers.set("CDN-Loop", cdnLoop);
    return upstream.send(loop, HttpClientRequest.get(origin.base(), target, headers), handler);
  }

  void countFetched(int bytes) {
    fetchedBytes.increment(bytes);
  }

  void countError(String reason) {
    meters.counter(CacheMeters.FILL_ERRORS, reason).increment();
  }

  /** Gives a complete slice to the disk; its readers go on there when it is written. */
  void complete(FillingSlice slice, EventLoop loop) {
    store.store(slice.key(), slice.pieces(), kept -> loop.execute(() -> settle(slice, kept)));
  }

  private void settle(FillingSlice slice, boolean kept) {
    (kept ? stored : unstored).increment();
    table.remove(slice.key(), slice);
    slice.end(kept ? FillingSlice.State.STORED : FillingSlice.State.UNSTORED);
    slice.release();
  }

  void fail(List<FillingSlice> slices, FillFailure why) {
    for (FillingSlice slice : slices) {
      failed.increment();
      table.remove(slice.key(), slice);
      slice.fail(why);
      slice.release();
    }
  }

  void forget(CachedObject object) {
    onChanged.accept(object);
  }
}
