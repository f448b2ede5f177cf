package dev.sluice.media.live.fanout;

import dev.sluice.media.stream.EndReason;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shards of one stream: one for each event loop on which it has viewers, made with the first of
 * them. A viewer finds its shard at once; the stream knows of it once it is attached.
 *
 * <p>Threading: {@link #join} to {@link #resume} are called on a viewer's loop, {@link #viewers} on
 * any thread: they use a concurrent map. The list of those attached, and all else, is confined to
 * the stream's loop.
 */
final class StreamShards {
  private final FanoutContext context;
  private final FanoutCounters counters;
  private final Consumer<FanoutShard> onMade;
  private final Consumer<FanoutShard> onClosed;
  private final ConcurrentHashMap<EventLoop, FanoutShard> byLoop = new ConcurrentHashMap<>();
  private final List<FanoutShard> attached = new ArrayList<>();

  /**
   * No shards.
   *
   * @param onMade told on the shard's loop of one that has no place for viewers yet
   * @param onClosed told on the shard's loop of one whose last viewer has left
   */
  StreamShards(
      FanoutContext context,
      FanoutCounters counters,
      Consumer<FanoutShard> onMade,
      Consumer<FanoutShard> onClosed) {
    this.context = context;
    this.counters = counters;
    this.onMade = onMade;
    this.onClosed = onClosed;
  }

  /** Adds a viewer. Called on the viewer's loop. */
  void join(Viewer viewer) {
    EventLoop at = viewer.loop();
    FanoutShard shard = byLoop.get(at);
    if (shard == null) {
      shard = new FanoutShard(this::closed, counters, context, at);
      byLoop.put(at, shard);
      onMade.accept(shard);
    }
    shard.join(viewer);
  }

  /** A viewer left. Called on the viewer's loop. */
  void leave(Viewer viewer, @Nullable ViewerCursor cursor) {
    FanoutShard shard = byLoop.get(viewer.loop());
    if (shard != null) {
      shard.leave(viewer, cursor);
    }
  }

  /** A viewer pauses. Called on the viewer's loop. */
  void pause(Viewer viewer, @Nullable ViewerCursor cursor) {
    FanoutShard shard = byLoop.get(viewer.loop());
    if (shard != null) {
      shard.pause(viewer, cursor);
    }
  }

  /** A viewer goes on. Called on the viewer's loop. */
  void resume(Viewer viewer) {
    FanoutShard shard = byLoop.get(viewer.loop());
    if (shard != null) {
      shard.resume(viewer);
    }
  }

  private void closed(FanoutShard shard) {
    byLoop.remove(shard.loop(), shard);
    onClosed.accept(shard);
  }

  /** The shard of the stream's own loop, attached or not; null when there is none. */
  @Nullable FanoutShard of(EventLoop loop) {
    return byLoop.get(loop);
  }

  /** Those that get the stream. To be looked at only. */
  List<FanoutShard> attached() {
    return attached;
  }

  /** Whether one gets the stream that is not this one, which may be attached or not. */
  boolean anyBut(@Nullable FanoutShard local) {
    return attached.size() > (local != null && attached.contains(local) ? 1 : 0);
  }

  void attach(FanoutShard shard) {
    attached.add(shard);
  }

  void detach(FanoutShard shard) {
    attached.remove(shard);
  }

  /** The stream is over. */
  void end(EndReason forViewers) {
    for (FanoutShard shard : List.copyOf(attached)) {
      shard.run(() -> shard.end(forViewers));
    }
  }

  /** The viewers, those furthest behind first; any thread. */
  CompletableFuture<List<ViewerStats>> viewers() {
    List<CompletableFuture<List<ViewerStats>>> parts = new ArrayList<>();
    for (FanoutShard shard : byLoop.values()) {
      CompletableFuture<List<ViewerStats>> part = new CompletableFuture<>();
      parts.add(part);
      if (!shard.run(() -> part.complete(shard.describe()))) {
        part.complete(List.of());
      }
    }
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenApply(
            done ->
                parts.stream()
                    .flatMap(part -> part.join().stream())
                    .sorted(Comparator.comparingLong(ViewerStats::lagMs).reversed())
                    .toList());
  }
}
