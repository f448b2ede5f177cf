package dev.sluice.edge.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.edge.cache.CacheAnswer.How;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.edge.cache.disk.SlotStore;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of paths: the current version of a file, that there is none, or that it is not to
 * be kept. Whoever needs what is not known, or no longer fresh, asks an origin once for all.
 *
 * <p>Threading: any loop; shared and concurrent.
 */
final class ObjectTable {
  private static final long PASS_MS = 10_000;
  private static final long STALE_RETRY_MS = 2_000;

  /** Whoever may have a stale file waits no longer for news of it. */
  private static final long STALE_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

  /** What is known of a path. */
  private sealed interface Entry {}

  /**
   * A file.
   *
   * @param staleUntilMs when it is no longer fresh it is served all the same until then, since no
   *     origin answered just now
   */
  private record Known(CachedObject object, long staleUntilMs) implements Entry {
    Known(CachedObject object) {
      this(object, 0);
    }
  }

  private record Absent(int status, long untilMs) implements Entry {}

  private record PassOnly(long untilMs) implements Entry {}

  /**
   * The slices to fetch along with the first question, before the length is known.
   *
   * @param firstSlice the slice wanted first, if there is one of that number
   * @param slices how many are worth fetching
   */
  record Wanted(int firstSlice, int slices) {}

  private final CacheConfig config;
  private final InstantSource clock;
  private final Freshness.Defaults defaults;
  private final FillTable fillTable;
  private final SlotStore store;
  private final ObjectLog log;
  private final Cache<String, Entry> objects;
  private final Map<String, Lookup> lookups = new ConcurrentHashMap<>();

  /** Confined to the disk thread. */
  private boolean retrying;

  /** Begins with what an earlier process knew. */
  ObjectTable(
      CacheConfig config,
      FillTable fillTable,
      SlotStore store,
      ObjectLog.Opened known,
      Meters meters,
      InstantSource clock) {
    this.config = config;
    this.clock = clock;
    this.fillTable = fillTable;
    this.store = store;
    this.log = known.log();
    this.defaults = new Freshness.Defaults(config.defaultTtl(), config.staleIfError());
    this.objects =
        Caffeine.newBuilder().maximumSize(config.maxObjects()).executor(Runnable::run).build();
    known.objects().forEach(object -> objects.put(object.path(), new Known(object)));
    meters.gauge(CacheMeters.OBJECTS, objects::estimatedSize);
    store.runLater(this::retryLater);
  }

  /** Finds out what a path is; the answer comes on the loop, which is the caller's, or at once. */
  void resolve(String path, EventLoop loop, Wanted wanted, Consumer<Resolution> answer) {
    long nowMs = clock.millis();
    switch (objects.getIfPresent(path)) {
      case null -> lookUp(path, loop, wanted, null, answer);
      case Known(CachedObject object, long staleUntilMs) -> {
        if (!usable(object)) {
          lookUp(path, loop, wanted, null, answer);
        } else if (nowMs < object.freshUntilMs()) {
          answer.accept(new Resolution.Found(object, How.HIT));
        } else if (nowMs < Math.min(staleUntilMs, object.staleUntilMs())) {
          answer.accept(new Resolution.Found(object, How.STALE));
        } else if (nowMs < object.refreshUntilMs()) {
          answer.accept(new Resolution.Found(object, How.STALE_MEANWHILE));
          lookUp(path, loop, wanted, object, news -> {});
        } else {
          lookUp(path, loop, wanted, object, answer);
        }
      }
      case Absent(int status, long untilMs) -> {
        if (nowMs < untilMs) {
          answer.accept(new Resolution.Refused(status));
        } else {
          lookUp(path, loop, wanted, null, answer);
        }
      }
      case PassOnly(long untilMs) -> {
        if (nowMs < untilMs) {
          answer.accept(new Resolution.Uncacheable());
        } else {
          lookUp(path, loop, wanted, null, answer);
        }
      }
    }
  }

  /** What is missing of a file without a strong tag cannot be had any more. */
  private boolean usable(CachedObject object) {
    return object.combinable() || fillTable.holdsAll(object);
  }

  private void lookUp(
      String path,
      EventLoop loop,
      Wanted wanted,
      @Nullable CachedObject old,
      Consumer<Resolution> answer) {
    Lookup mine =
        new Lookup(
            fillTable, new Lookup.Question(path, old, wanted), loop, defaults, clock, this::learn);
    Lookup running = lookups.putIfAbsent(path, mine);
    if (running != null) {
      await(running, loop, old, true, answer);
      return;
    }
    if (objects.getIfPresent(path) instanceof Known(CachedObject now, long staleUntilMs)
        && clock.millis() < now.freshUntilMs()
        && usable(now)) {
      // Another lookup ended between our look and our turn.
      lookups.remove(path, mine);
      answer.accept(new Resolution.Found(now, How.HIT));
      return;
    }
    await(mine, loop, old, false, answer);
    mine.start();
  }

  /** Waits for news; what may be served stale is, when the news keep one waiting. */
  private void await(
      Lookup lookup,
      EventLoop loop,
      @Nullable CachedObject old,
      boolean collapsed,
      Consumer<Resolution> answer) {
    boolean[] answered = new boolean[1];
    if (old != null && clock.millis() < old.staleUntilMs()) {
      long left = lookup.begunNanos() + STALE_AFTER_NANOS - System.nanoTime();
      if (left <= 0) {
        answer.accept(new Resolution.Found(old, How.STALE));
        return;
      }
      Future<?> timer =
          loop.schedule(
              () -> {
                if (!answered[0]) {
                  answered[0] = true;
                  answer.accept(new Resolution.Found(old, How.STALE));
                }
              },
              left,
              TimeUnit.NANOSECONDS);
      lookup.whenKnown(loop, known -> timer.cancel(false));
    }
    lookup.whenKnown(
        loop,
        known -> {
          if (!answered[0]) {
            answered[0] = true;
            answer.accept(seenBy(old, known, collapsed));
          }
        });
  }

  private void learn(Lookup lookup, Resolution known) {
    String path = lookup.path();
    switch (known) {
      case Resolution.Found(CachedObject object, How how) -> {
        objects.put(path, new Known(object));
        store.runLater(() -> remember(object));
      }
      case Resolution.Refused(int status) ->
          replace(path, new Absent(status, clock.millis() + config.negativeTtl().toMillis()));
      case Resolution.Uncacheable u -> replace(path, new PassOnly(clock.millis() + PASS_MS));
      case Resolution.Failed f ->
          objects
              .asMap()
              .computeIfPresent(
                  path,
                  (p, entry) ->
                      entry instanceof Known(CachedObject object, long staleUntilMs)
                          ? new Known(object, clock.millis() + STALE_RETRY_MS)
                          : entry);
    }
    lookups.remove(path, lookup);
  }

  /** What was known is outdated, after a restart too. */
  private void replace(String path, Entry entry) {
    if (objects.asMap().put(path, entry) instanceof Known(CachedObject old, long staleUntilMs)) {
      store.runLater(() -> remember(old.ended()));
    }
  }

  private void remember(CachedObject object) {
    log.append(object);
    if (log.outdated()) {
      rewrite();
    }
    retryLater();
  }

  private void rewrite() {
    log.rewrite(
        objects.asMap().values().stream()
            .flatMap(
                entry ->
                    entry instanceof Known(CachedObject known, long staleUntilMs)
                        ? Stream.of(known)
                        : Stream.empty())
            .toList());
  }

  /** A log that rests is tried again even when nothing new is heard of any file. */
  private void retryLater() {
    long left = log.restNanos();
    if (left > 0 && !retrying) {
      retrying = true;
      store.runAfter(left, this::retry);
    }
  }

  private void retry() {
    retrying = false;
    if (log.outdated()) {
      rewrite();
    }
    retryLater();
  }

  /** What a lookup found out, for one who asked along with others or has an older copy. */
  private Resolution seenBy(@Nullable CachedObject old, Resolution known, boolean collapsed) {
    return switch (known) {
      case Resolution.Found(CachedObject object, How how) when collapsed && how == How.MISS ->
          new Resolution.Found(object, How.MISS_COLLAPSED);
      case Resolution.Failed f when old != null && clock.millis() < old.staleUntilMs() ->
          new Resolution.Found(old, How.STALE);
      case Resolution.Found f -> f;
      case Resolution.Failed f -> f;
      case Resolution.Refused r -> r;
      case Resolution.Uncacheable u -> u;
    };
  }

  /** Forgets a version that is no longer what the origin has. */
  void forget(CachedObject object) {
    objects
        .asMap()
        .computeIfPresent(
            object.path(),
            (path, entry) ->
                entry instanceof Known(CachedObject now, long staleUntilMs)
                        && now.sameVersion(object)
                    ? null
                    : entry);
    store.runLater(() -> remember(object.ended()));
  }

  void close() {
    store.runLater(
        () -> {
          if (log.restNanos() > 0) {
            rewrite(); // the last chance that a restart knows the files
          }
          log.close();
        });
  }
}
