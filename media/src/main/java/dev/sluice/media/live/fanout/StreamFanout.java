package dev.sluice.media.live.fanout;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.MediaBudget;
import dev.sluice.media.live.timeline.TagBatch;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.media.live.timeline.Tracks;
import dev.sluice.media.stream.EndReason;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One stream's way to its viewers: keeps the current GOP for those who join, and hands on what
 * comes to the listeners' sinks and the shards.
 *
 * <p>Tags that come in one turn of the event loop are handed on together. A shard on another loop
 * gets them with the next video frame (or 40 ms of audio): before that it would not send them
 * anyway, and each hop wakes a thread.
 *
 * <p>Ownership: the timeline's content is this class's to add, trim and clear; others only look.
 *
 * <p>Threading: confined to the stream's loop. Crossings: {@link #join}, {@link #leave}, {@link
 * #pause} and {@link #resume} are called on a viewer's loop, {@link #viewers} on any thread; they
 * lead to {@link StreamShards}.
 */
public final class StreamFanout {
  private static final long REMOTE_WAIT_MS = 40;
  private static final long REMOTE_LATEST_MS = 100;

  private final EventLoop loop;
  private final FanoutContext context;
  private final Timeline timeline;
  private final Supplier<Tracks> tracks;
  private final MediaBudget.Account account;
  private final StreamShards shards;
  private final List<FlvTag> fresh = new ArrayList<>();
  private final List<FlvTag> remote = new ArrayList<>();
  private final List<StreamListener.Sink> sinks = new ArrayList<>();
  private final Runnable distributor = this::distributeFresh;
  private boolean distributing;
  private long remoteSinceMs;
  private long remotePosts;
  private boolean remoteTimerArmed;
  private TagBatch.Start start = TagBatch.Start.NOTHING;
  private @Nullable EndReason endReason;

  /**
   * A fan-out without viewers.
   *
   * @param timeline empty
   * @param tracks those of what is handed on now
   */
  public StreamFanout(
      EventLoop loop,
      FanoutContext context,
      FanoutCounters counters,
      Timeline timeline,
      Supplier<Tracks> tracks) {
    this.loop = loop;
    this.context = context;
    this.timeline = timeline;
    this.tracks = tracks;
    this.account = context.budget().new Account();
    this.shards = new StreamShards(context, counters, this::onMade, this::onClosed);
  }

  /** Adds a listener's sink, before the first tag. */
  public void listen(StreamListener.Sink sink) {
    sinks.add(sink);
  }

  /** Hands a tag on with the others of this turn. Takes ownership. */
  public void append(FlvTag timed) {
    timeline.append(timed.retain());
    fresh.add(timed);
    if (!distributing) {
      distributing = true;
      loop.execute(distributor);
    }
  }

  /**
   * Hands on the first tag of another codec: viewers who have a place get what there is up to here,
   * and are ended. Takes ownership.
   */
  public void appendAsNewCodec(FlvTag timed) {
    distribute(true); // up to here viewers have the codec that they began with
    start = TagBatch.Start.CODEC;
    timeline.begin();
    append(timed);
    distribute(true);
    start = TagBatch.Start.NOTHING;
  }

  /** What is handed on from here is another publisher's. */
  public void anotherPublisher() {
    distribute(true);
    start = TagBatch.Start.PUBLISHER;
    timeline.anotherPublisher();
    distribute(true);
    start = TagBatch.Start.NOTHING;
  }

  /** Hands on what waits, to everyone. */
  public void distribute() {
    distribute(true);
  }

  private void distributeFresh() {
    distribute(false);
  }

  /** Hands on what came since the last time. */
  private void distribute(boolean force) {
    distributing = false;
    boolean frame = force;
    for (FlvTag tag : fresh) {
      frame |= tag.video();
      for (StreamListener.Sink sink : sinks) {
        sink.tag(tag);
      }
    }
    FanoutShard local = shards.of(loop);
    if (local != null && (force || !fresh.isEmpty())) {
      local.receive(new TagBatch(fresh, tracks.get(), start));
    }
    // The local one may have gone with its last viewer, or not be attached yet.
    boolean hasRemote = shards.anyBut(local);
    for (FlvTag tag : fresh) {
      if (hasRemote) {
        remote.add(tag);
      } else {
        tag.release();
      }
    }
    fresh.clear();
    if (hasRemote && (frame || timeline.newestMs() - remoteSinceMs >= REMOTE_WAIT_MS)) {
      remoteSinceMs = timeline.newestMs();
      remotePosts++;
      for (FanoutShard shard : shards.attached()) {
        if (shard != local) {
          post(shard, new TagBatch(remote, tracks.get(), start));
        }
      }
      releaseAll(remote);
    } else if (!remote.isEmpty()) {
      armRemoteTimer();
    }
    trim();
  }

  private void trim() {
    timeline.tracks(tracks.get());
    timeline.trim(timeline.next());
    long most = account.holds(timeline.bytes(), context.nanoTime());
    if (timeline.bytes() > most) {
      timeline.trim(timeline.next(), most);
      account.cut(timeline.bytes());
    }
  }

  /** Sees to it that what waits for the next frame leaves even if none comes. */
  private void armRemoteTimer() {
    if (!remoteTimerArmed) {
      remoteTimerArmed = true;
      long posts = remotePosts;
      loop.schedule(() -> onRemoteTimer(posts), REMOTE_LATEST_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void onRemoteTimer(long postsWhenArmed) {
    remoteTimerArmed = false;
    if (remote.isEmpty()) {
      return;
    }
    if (remotePosts == postsWhenArmed) {
      distribute(true);
    } else {
      armRemoteTimer();
    }
  }

  // ---- viewers and their shards

  /** Adds a viewer. Called on the viewer's loop. */
  public void join(Viewer viewer) {
    shards.join(viewer);
  }

  /** A viewer left. Called on the viewer's loop. */
  public void leave(Viewer viewer, @Nullable ViewerCursor cursor) {
    shards.leave(viewer, cursor);
  }

  /** A viewer pauses. Called on the viewer's loop. */
  public void pause(Viewer viewer, @Nullable ViewerCursor cursor) {
    shards.pause(viewer, cursor);
  }

  /** A viewer goes on. Called on the viewer's loop. */
  public void resume(Viewer viewer) {
    shards.resume(viewer);
  }

  private void onMade(FanoutShard shard) {
    run(() -> attach(shard));
  }

  private void onClosed(FanoutShard shard) {
    run(
        () -> {
          shards.detach(shard);
          if (shards.attached().isEmpty()) {
            releaseAll(remote);
          }
        });
  }

  private void attach(FanoutShard shard) {
    assert loop.inEventLoop();
    EndReason reason = endReason;
    if (reason != null) {
      shard.run(() -> shard.end(reason));
      return;
    }
    distribute(true); // what waits belongs to those who are there already
    shards.attach(shard);
    Timeline copy = timeline.copy();
    Tracks known = tracks.get();
    if (!shard.run(() -> shard.seed(copy, known))) {
      copy.clear();
    }
  }

  /**
   * The stream is over; who joins from now on is told at once.
   *
   * @param forViewers what viewers are told instead
   */
  public void end(EndReason reason, EndReason forViewers) {
    assert loop.inEventLoop();
    endReason = forViewers;
    for (StreamListener.Sink sink : sinks) {
      sink.closed(reason);
    }
    shards.end(forViewers);
    releaseAll(fresh);
    releaseAll(remote);
    timeline.clear();
    account.close();
  }

  /** The viewers, those furthest behind first; any thread. */
  public CompletableFuture<List<ViewerStats>> viewers() {
    return shards.viewers();
  }

  private static void post(FanoutShard shard, TagBatch batch) {
    if (!shard.run(() -> shard.receive(batch))) {
      batch.release();
    }
  }

  /** Runs on the stream's loop: now, when called there. Any thread. */
  public void run(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      try {
        loop.execute(task);
      } catch (RejectedExecutionException e) {
        // The loop is shut down, and the stream with it.
      }
    }
  }

  private static void releaseAll(List<FlvTag> tags) {
    for (FlvTag tag : tags) {
      tag.release();
    }
    tags.clear();
  }
}
