package dev.sluice.edge.cache;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.auth.SlowedGuesses;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.client.HttpClient;
import dev.sluice.chassis.http.client.HttpClientDeadlines;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.edge.cache.disk.SlotStore;
import dev.sluice.media.vod.VodSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Answers GET and HEAD with files of the origins, kept on disk in slices. The query is no part of a
 * file's name.
 *
 * <p>A request is received, looked up ({@link ObjectTable}: is the file known and fresh? else an
 * origin is asked, once for all who ask), and delivered ({@link CacheBody}: each slice from disk, a
 * hit, or from a fill that all share), or passed through when nothing of it may be kept. {@link
 * CacheRequest} holds these steps.
 *
 * <p>Threading: each request on its own loop; the object table is shared and concurrent.
 */
public final class EdgeCache implements HttpHandler, AutoCloseable {
  private static final PartFinder.Choice FILE_ITSELF = exchange -> null;

  private final HttpClient upstream;
  private final RequestParts requests;

  private EdgeCache(
      CacheConfig config,
      HttpClient upstream,
      Origins origins,
      String name,
      Disk disk,
      Meters meters,
      InstantSource clock) {
    this.upstream = upstream;
    FillTable fillTable =
        new FillTable(upstream, origins, disk.store(), config, name, meters, this::forget);
    CacheParts files =
        new CacheParts(
            disk.store(),
            fillTable,
            config.readAhead(),
            meters.counter(CacheMeters.SENT, "disk"),
            meters.counter(CacheMeters.SENT, "fill"),
            new AtomicInteger());
    ObjectTable objects =
        new ObjectTable(config, fillTable, disk.store(), disk.known(), meters, clock);
    this.requests =
        new RequestParts(name, objects, files, new SlowedGuesses(new RefusalPace()), meters, clock);
  }

  /** The cache's open files: slices, and what is known of the files they are of. */
  private record Disk(SlotStore store, ObjectLog.Opened known) {
    static Disk open(CacheConfig config, Meters meters) throws IOException {
      Path dir = Path.of(config.dir());
      SlotStore store =
          SlotStore.open(dir, config.size().bytes(), config.sliceSize().toIntExact(), meters);
      try {
        return new Disk(
            store,
            ObjectLog.open(
                dir,
                config.maxObjects(),
                meters.counter(CacheMeters.STORE_ERRORS, "log"),
                System::nanoTime));
      } catch (IOException | RuntimeException e) {
        store.close();
        throw e;
      }
    }
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
    Disk disk = Disk.open(config, meters);
    HttpClient upstream = new HttpClient(loops, deadlines(config.originPatience()), tls);
    return new EdgeCache(config, upstream, new Origins(origins), name, disk, meters, clock);
  }

  /** Deadlines a little behind those of {@link Patience}, which are to come first. */
  private static HttpClientDeadlines deadlines(Duration patience) {
    Duration longer = patience.plusSeconds(1);
    return new HttpClientDeadlines(
        Duration.ofSeconds(2), longer, longer, HttpClientDeadlines.defaults().keepAlive());
  }

  /** Bodies on their way to viewers now. */
  public int deliveries() {
    return requests.files().running().get();
  }

  /** The same files for players over RTMP. */
  public VodSource files() {
    return new CacheFiles(requests);
  }

  @Override
  public void handle(HttpExchange exchange) {
    handle(exchange, FILE_ITSELF);
  }

  /**
   * Answers as {@link #handle(HttpExchange)} does, with a part of the file where one is asked for.
   *
   * @param choice tells whether it is; called at most once
   */
  public void handle(HttpExchange exchange, PartFinder.Choice choice) {
    CacheRequest.receive(requests, exchange, exchange.path(), choice);
  }

  /**
   * Answers as {@link #handle(HttpExchange)} does, with the file of another path than was asked
   * for.
   */
  public void handle(HttpExchange exchange, String path) {
    CacheRequest.receive(requests, exchange, path, FILE_ITSELF);
  }

  /** Forgets a version that is no longer what the origin has. */
  private void forget(CachedObject object) {
    requests.objects().forget(object);
  }

  /** Ends fills and closes the cache's files; close the HTTP server first. */
  @Override
  public void close() {
    requests.files().fillTable().close();
    upstream.close();
    requests.objects().close();
    requests.files().store().close();
  }
}
