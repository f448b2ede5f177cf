package dev.sluice.media.live;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.flv.EnhancedForm;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One live stream: gives each tag its time, keeps the current GOP, and hands tags to the shards.
 *
 * <p>Tags that come in one turn of the event loop are handed on together. A shard on another loop
 * gets them with the next video frame (or 40 ms of audio): before that it would not send them
 * anyway, and each hop wakes a thread.
 *
 * <p>Threading: confined to {@link #loop}, the loop of its first publisher, for its whole life.
 * Crossings: {@link #join} is called on a viewer's loop, {@link #shardClosed} on a shard's; {@link
 * #seat} and {@link #numbers} are thread-safe.
 */
final class LiveStream {
  private static final long REMOTE_WAIT_MS = 40;
  private static final long REMOTE_LATEST_MS = 100;

  private final StreamKey key;
  private final EventLoop loop;
  private final LiveContext context;
  private final LiveHub hub;
  private final StreamNumbers numbers;
  private final IngestStats ingest = new IngestStats();
  private final PublisherSeat seat = new PublisherSeat();
  private final StreamClock clock;
  private final Timeline timeline;
  private final MediaBudget.Account account;
  private final Splicer splicer;
  private final EnhancedForm enhanced = new EnhancedForm();
  private final ConcurrentHashMap<EventLoop, FanoutShard> shardByLoop = new ConcurrentHashMap<>();
  private final List<FanoutShard> shards = new ArrayList<>();
  private final List<FlvTag> fresh = new ArrayList<>();
  private final List<FlvTag> remote = new ArrayList<>();
  private final List<StreamListener.Sink> sinks = new ArrayList<>();
  private final Runnable distributor = this::distributeFresh;
  private boolean distributing;
  private long remoteSinceMs;
  private long remotePosts;
  private boolean remoteTimerArmed;
  private boolean settling;
  private boolean restarting;
  private boolean ended;
  private @Nullable EndReason endReason;
  private @Nullable Future<?> holdTimer;

  /** An empty stream. */
  LiveStream(
      StreamKey key, PublisherInfo.Kind kind, EventLoop loop, LiveContext context, LiveHub hub) {
    this.key = key;
    this.loop = loop;
    this.context = context;
    this.hub = hub;
    this.numbers = new StreamNumbers(context);
    this.clock = new StreamClock(kind == PublisherInfo.Kind.ENCODER);
    this.timeline = context.newTimeline();
    this.account = context.budget().new Account();
    this.splicer = new Splicer(clock);
  }

  StreamKey key() {
    return key;
  }

  EventLoop loop() {
    return loop;
  }

  /** Who publishes; thread-safe. */
  PublisherSeat seat() {
    return seat;
  }

  /** Viewers and bytes; thread-safe. */
  StreamNumbers numbers() {
    return numbers;
  }

  /** Adds a listener's sink, before the first tag. */
  void listen(StreamListener.Sink sink) {
    sinks.add(sink);
  }

  /** Another publisher took the seat: its times start anywhere. Any thread. */
  void takeOver() {
    run(
        () -> {
          Future<?> timer = holdTimer;
          if (timer != null) {
            timer.cancel(false);
            holdTimer = null;
          }
          splicer.anotherPublisher();
          ingest.anotherPublisher();
        });
  }

  /** The same source was connected again (relay). Loop only. */
  void reconnected(boolean sameClock) {
    splicer.reconnected(timeline, sameClock);
  }

  /** Takes in a tag, unless another publisher has taken over. Borrows it. */
  void ingest(Publication from, FlvTag tag) {
    assert loop.inEventLoop();
    if (ended || !seat.heldBy(from)) {
      return;
    }
    numbers.received(seat.kind(), tag.payloadBytes());
    FlvTag one = enhanced.of(tag);
    try {
      if (Headers.isHeader(one)) {
        header(one);
      } else {
        media(one);
      }
    } finally {
      one.release();
    }
  }

  private void header(FlvTag tag) {
    long timeMs = clock.ofHeader(tag.video(), tag.timestampMs());
    FlvTag pinned =
        tag.script() ? metadata(tag) : Headers.pinned(tag.type(), timeMs, tag.payload());
    ingest.see(pinned, context.nanoTime());
    if (!timeline.headers().holds(pinned)) {
      append(pinned);
    }
  }

  private FlvTag metadata(FlvTag tag) {
    ScriptData forViewers = ingest.metadata(tag);
    if (forViewers == null) {
      return Headers.pinned(tag.type(), clock.newest(), tag.payload());
    }
    ByteBuf body;
    try {
      body = forViewers.encode(ByteBufAllocator.DEFAULT);
    } catch (AmfException e) { // a name that cannot be written again: as it came
      return Headers.pinned(tag.type(), clock.newest(), tag.payload());
    }
    try {
      return Headers.pinned(tag.type(), clock.newest(), body);
    } finally {
      body.release();
    }
  }

  private void media(FlvTag tag) {
    if (tag.payloadBytes() == 0) {
      return;
    }
    long now = context.nanoTime();
    // Viewers join at a keyframe of one track; those of the others follow it.
    boolean beside = tag.keyframe() && tag.track() > ingest.pictureTrack();
    long timeMs =
        tag.script()
            ? clock.newest()
            : splicer.stamp(tag, tag.keyframe() && !beside, now / 1_000_000);
    if (timeMs < 0) {
      return; // not to be shown: before the first keyframe, or had already
    }
    FlvTag timed = beside ? tag.besideAt(timeMs) : tag.at(timeMs);
    ingest.see(timed, now);
    boolean restart =
        ingest.newCodecFrom(tag.keyframe() && !beside) && context.config().restartOnCodecChange();
    if (restart) {
      distribute(true); // up to here viewers have the codec that they began with
      restarting = true;
      timeline.begin();
    }
    if (!settling) {
      settling = true;
      long wait = context.config().tracksWait().toMillis();
      loop.schedule(this::settle, wait, TimeUnit.MILLISECONDS);
    }
    append(timed);
    if (restart) {
      distribute(true);
      restarting = false;
    }
  }

  /** Takes ownership. */
  private void append(FlvTag timed) {
    numbers.mediaTime(timed.timestampMs());
    timeline.append(timed.retain());
    fresh.add(timed);
    if (!distributing) {
      distributing = true;
      loop.execute(distributor);
    }
  }

  private void settle() {
    ingest.settle();
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
    FanoutShard local = shardByLoop.get(loop);
    if (local != null && (force || !fresh.isEmpty())) {
      local.receive(new TagBatch(fresh, ingest.tracks(), restarting));
    }
    // The local one may have gone with its last viewer, or not be attached yet.
    boolean hasRemote = shards.size() > (local != null && shards.contains(local) ? 1 : 0);
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
      for (FanoutShard shard : shards) {
        if (shard != local) {
          post(shard, new TagBatch(remote, ingest.tracks(), restarting));
        }
      }
      releaseAll(remote);
    } else if (!remote.isEmpty()) {
      armRemoteTimer();
    }
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

  /**
   * Adds a viewer. Called on the viewer's loop.
   *
   * @return false when the stream is over
   */
  boolean join(Viewer viewer) {
    if (seat.over()) {
      return false;
    }
    EventLoop at = viewer.loop();
    if (!viewer.joined(this)) {
      hub.viewerLeft(key);
      return true;
    }
    FanoutShard shard = shardByLoop.get(at);
    if (shard == null) {
      FanoutShard made = new FanoutShard(this, context, at);
      shardByLoop.put(at, made);
      shard = made;
      run(() -> attach(made));
    }
    shard.join(viewer);
    return true;
  }

  /** A viewer left. Called on the viewer's loop. */
  void viewerLeft(Viewer viewer, @Nullable ViewerCursor cursor) {
    FanoutShard shard = shardByLoop.get(viewer.loop());
    if (shard != null) {
      shard.leave(viewer, cursor);
    }
    numbers.viewerLeft(viewer.format().protocol());
    hub.viewerLeft(key);
  }

  /** A viewer pauses. Called on the viewer's loop. */
  void viewerPaused(Viewer viewer, @Nullable ViewerCursor cursor) {
    FanoutShard shard = shardByLoop.get(viewer.loop());
    if (shard != null) {
      shard.pause(viewer, cursor);
    }
  }

  /** A viewer goes on. Called on the viewer's loop. */
  void viewerResumed(Viewer viewer) {
    FanoutShard shard = shardByLoop.get(viewer.loop());
    if (shard != null) {
      shard.resume(viewer);
    }
  }

  /** A shard has no viewers left. Called on the shard's loop. */
  void shardClosed(FanoutShard shard) {
    shardByLoop.remove(shard.loop(), shard);
    run(
        () -> {
          shards.remove(shard);
          if (shards.isEmpty()) {
            releaseAll(remote);
          }
        });
  }

  private void attach(FanoutShard shard) {
    assert loop.inEventLoop();
    EndReason reason = endReason;
    if (reason != null) {
      onShard(shard, () -> shard.end(reason));
      return;
    }
    distribute(true); // what waits belongs to those who are there already
    shards.add(shard);
    Timeline copy = timeline.copy();
    Tracks known = ingest.tracks();
    if (!onShard(shard, () -> shard.seed(copy, known))) {
      copy.clear();
    }
  }

  /**
   * The publisher is gone; the seat is empty already. Loop only.
   *
   * @param hold how long to wait for another before the stream ends
   */
  void publisherGone(EndReason reason, Duration hold) {
    assert loop.inEventLoop();
    distribute(true);
    if (hold.isZero()) {
      end(reason);
    } else {
      long holdMs = hold.toMillis();
      holdTimer = loop.schedule(() -> end(reason), holdMs, TimeUnit.MILLISECONDS);
    }
  }

  /** Ends the stream whether it has a publisher or not. Any thread. */
  void shutDown() {
    run(
        () -> {
          if (seat.close()) {
            over(EndReason.SHUTDOWN);
          }
        });
  }

  private void end(EndReason reason) {
    if (seat.finish()) {
      over(reason);
    }
  }

  private void over(EndReason reason) {
    Future<?> timer = holdTimer;
    if (timer != null) {
      timer.cancel(false);
    }
    ended = true;
    EndReason forViewers =
        reason == EndReason.UPSTREAM_LOST || reason == EndReason.SHUTDOWN
            ? reason
            : EndReason.STREAM_ENDED;
    endReason = forViewers;
    hub.gone(this);
    for (StreamListener.Sink sink : sinks) {
      sink.closed(reason);
    }
    for (FanoutShard shard : List.copyOf(shards)) {
      onShard(shard, () -> shard.end(forViewers));
    }
    releaseAll(fresh);
    releaseAll(remote);
    timeline.clear();
    account.close();
  }

  /** For {@code /api/streams}; any thread. */
  StreamStats stats() {
    return numbers.describe(key, seat, ingest.snapshot(context.nanoTime()));
  }

  /** Its viewers, those furthest behind first; any thread. */
  CompletableFuture<List<ViewerStats>> viewers() {
    List<CompletableFuture<List<ViewerStats>>> parts = new ArrayList<>();
    for (FanoutShard shard : shardByLoop.values()) {
      CompletableFuture<List<ViewerStats>> part = new CompletableFuture<>();
      parts.add(part);
      if (!onShard(shard, () -> part.complete(shard.describe()))) {
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

  private void post(FanoutShard shard, TagBatch batch) {
    if (!onShard(shard, () -> shard.receive(batch))) {
      batch.release();
    }
  }

  private static boolean onShard(FanoutShard shard, Runnable task) {
    if (shard.loop().inEventLoop()) {
      task.run();
      return true;
    }
    try {
      shard.loop().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the loop is shut down, and its viewers with it
    }
  }

  private void run(Runnable task) {
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
