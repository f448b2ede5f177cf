package dev.sluice.media.live.fanout;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.live.pacing.FlushCost;
import dev.sluice.media.live.pacing.FlushPolicy;
import dev.sluice.media.live.timeline.MediaBudget;
import dev.sluice.media.live.timeline.TagBatch;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.media.live.timeline.Tracks;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.stream.EndReason;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream's viewers on one event loop. Made with the first of them, seeded with the stream's
 * current GOP, closed with the last.
 *
 * <p>Threading: confined to its loop. The stream reaches it through that loop's queue, in order:
 * seed, batches, end.
 */
public final class FanoutShard {
  private static final long SWEEP_MS = 1_000;
  private static final int SWEEPS_TO_END = 3;
  private static final long SILENT_NANOS = 900_000_000; // less than a sweep takes to come back

  private final Consumer<FanoutShard> onClosed;
  private final FanoutCounters counters;
  private final FanoutContext context;
  private final EventLoop loop;
  private final FlushCost cost;
  private final FlushCost.Share share;
  private final MediaBudget.Account account;
  private final ArrayDeque<Viewer> waiting = new ArrayDeque<>();
  private final List<Viewer> paused = new ArrayList<>();
  private final Map<WireFormat, FormatViewers> groups = new EnumMap<>(WireFormat.class);

  private @Nullable Timeline timeline;
  private Tracks tracks = Tracks.NONE;
  private int viewers;
  private boolean closed;
  private @Nullable EndReason ending;
  private int sweepsLeft = SWEEPS_TO_END;
  private long pendingBytes;
  private long lastFlushNanos;
  private boolean timerArmed;
  private final Runnable onTimer = this::onTimer;
  private @Nullable Future<?> timer;
  private @Nullable Future<?> sweeper;

  /**
   * A shard that has no place for viewers until {@link #seed}.
   *
   * @param onClosed told on the loop when the last viewer has left
   */
  FanoutShard(
      Consumer<FanoutShard> onClosed,
      FanoutCounters counters,
      FanoutContext context,
      EventLoop loop) {
    this.onClosed = onClosed;
    this.counters = counters;
    this.context = context;
    this.loop = loop;
    this.cost = context.cost(loop);
    this.share = cost.new Share();
    this.account = context.budget().new Account();
  }

  EventLoop loop() {
    return loop;
  }

  /**
   * Runs on its loop: now, when called there. Any thread.
   *
   * @return false when the loop is shut down, and its viewers with it
   */
  boolean run(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return true;
    }
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** What there is to tell of each viewer that has its place. */
  List<ViewerStats> describe() {
    assert loop.inEventLoop();
    List<ViewerStats> all = new ArrayList<>(viewers);
    for (FormatViewers group : groups.values()) {
      group.describe(all, context.nanoTime());
    }
    return all;
  }

  /** Adds a viewer; it starts when the shard is seeded and its format can begin. */
  void join(Viewer viewer) {
    assert loop.inEventLoop();
    viewers++;
    waiting.add(viewer);
    startWaiting();
  }

  /** Takes a viewer out. The last one closes the shard. */
  void leave(Viewer viewer, @Nullable ViewerCursor cursor) {
    assert loop.inEventLoop();
    if (cursor != null) {
      group(viewer.format()).leave(cursor);
    } else if (!waiting.remove(viewer)) {
      paused.remove(viewer);
    }
    viewers--;
    if (viewers == 0) {
      close();
    }
  }

  /** Takes a viewer's place, but keeps the viewer. */
  void pause(Viewer viewer, @Nullable ViewerCursor cursor) {
    assert loop.inEventLoop();
    if (cursor != null) {
      group(viewer.format()).leave(cursor);
    } else {
      waiting.remove(viewer);
    }
    paused.add(viewer);
  }

  /** Gives a paused viewer a new place, where one who joins now would start. */
  void resume(Viewer viewer) {
    assert loop.inEventLoop();
    if (paused.remove(viewer)) {
      waiting.add(viewer);
      startWaiting();
    }
  }

  /** Gets the stream's current GOP. Takes ownership. */
  void seed(Timeline copy, Tracks known) {
    assert loop.inEventLoop();
    if (closed) {
      copy.clear();
      return;
    }
    timeline = copy;
    tracks = known;
    for (WireFormat format : WireFormat.values()) {
      groups.put(format, new FormatViewers(format, copy, context, counters));
    }
    // The first batch is due at once, so that sends fall together with what is read from now on.
    lastFlushNanos = context.nanoTime() - context.flushPolicy().maxNanos();
    sweeper = loop.scheduleAtFixedRate(this::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
    startWaiting();
  }

  /** Gets tags. Takes ownership. */
  void receive(TagBatch batch) {
    assert loop.inEventLoop();
    Timeline line = timeline;
    if (line != null && !closed) {
      begin(batch, line);
    }
    if (closed || line == null) {
      batch.release();
      return;
    }
    boolean frame = false;
    for (FlvTag tag : batch.tags()) {
      line.append(tag);
      pendingBytes += tag.payloadBytes();
      frame |= tag.video() && !tag.sequenceHeader();
    }
    tracks = batch.tracks();
    line.tracks(tracks);
    if (!waiting.isEmpty()) {
      startWaiting();
    }
    if (pendingBytes > 0) {
      flushOrWait(line, frame);
    }
  }

  /** Sees to those for whom what comes now is not what they began with. */
  private void begin(TagBatch batch, Timeline line) {
    switch (batch.start()) {
      case NOTHING -> {}
      case CODEC -> restart(line);
      case PUBLISHER -> line.anotherPublisher();
    }
    boolean sound = false;
    boolean picture = false;
    for (FlvTag tag : batch.tags()) {
      sound |= tag.audio() && batch.tracks().audio() && !SequenceHeaders.isHeader(tag);
      picture |= tag.keyframe() && batch.tracks().video();
    }
    for (FormatViewers group : groups.values()) {
      group.restartWithout(sound, picture);
    }
  }

  /**
   * The codec changes: those who have its beginnings get what there is up to now, as far as their
   * lines take it, and are told. Who still waits for a place starts with the new codec anyway.
   */
  private void restart(Timeline line) {
    flush(line);
    line.begin();
    for (Viewer viewer : List.copyOf(paused)) {
      if (!viewer.relay()) {
        viewer.end(EndReason.CODEC_CHANGED);
      }
    }
    for (FormatViewers group : groups.values()) {
      group.restart();
    }
  }

  /** The stream is over: viewers get what is left and are told. */
  void end(EndReason reason) {
    assert loop.inEventLoop();
    if (closed || ending != null) {
      return;
    }
    ending = reason;
    while (!waiting.isEmpty()) {
      waiting.element().end(reason);
    }
    while (!paused.isEmpty()) {
      paused.getLast().end(reason);
    }
    Timeline line = timeline;
    if (line != null && !closed) {
      flush(line);
      for (FormatViewers group : groups.values()) {
        group.endAfterLast(reason);
      }
    }
  }

  private void startWaiting() {
    if (timeline == null) {
      return;
    }
    long now = context.nanoTime();
    for (int i = waiting.size(); i > 0; i--) {
      Viewer viewer = waiting.remove();
      if (viewer.format().preambleBytes() == 0 || tracks.settled()) {
        group(viewer.format()).join(viewer, tracks, now);
      } else {
        waiting.add(viewer);
      }
    }
  }

  private void flushOrWait(Timeline line, boolean frame) {
    long sinceFlush = context.nanoTime() - lastFlushNanos;
    FlushPolicy policy = context.flushPolicy();
    long interval = policy.intervalNanos(cost.totalNanos());
    boolean hasVideo = line.hasVideo();
    if (policy.due(sinceFlush, interval, frame, hasVideo, pendingBytes)) {
      flush(line);
    } else if (!timerArmed) {
      timerArmed = true;
      long wait = Math.max(0, policy.latestNanos(interval, hasVideo) - sinceFlush);
      timer = loop.schedule(onTimer, wait, TimeUnit.NANOSECONDS);
    }
  }

  private void onTimer() {
    timerArmed = false;
    Timeline line = timeline;
    if (closed || line == null || pendingBytes == 0) {
      return;
    }
    FlushPolicy policy = context.flushPolicy();
    long latest = policy.latestNanos(policy.intervalNanos(cost.totalNanos()), line.hasVideo());
    long wait = latest - (context.nanoTime() - lastFlushNanos);
    if (wait <= 0) {
      flush(line);
    } else {
      timerArmed = true;
      timer = loop.schedule(onTimer, wait, TimeUnit.NANOSECONDS);
    }
  }

  private void flush(Timeline line) {
    long start = context.nanoTime();
    lastFlushNanos = start;
    pendingBytes = 0;
    long slowest = line.next();
    for (FormatViewers group : groups.values()) {
      slowest = Math.min(slowest, group.flush());
    }
    trim(line, slowest, Long.MAX_VALUE);
    if (!closed) {
      keepToBudget(line, slowest, start);
      share.sample(context.nanoTime() - start);
    }
    counters.flushed();
  }

  private void keepToBudget(Timeline line, long slowest, long nowNanos) {
    long held = heldBytes(line);
    long most = account.holds(held, nowNanos);
    if (held > most) {
      trim(line, slowest, (long) ((double) line.bytes() * most / held));
      account.cut(heldBytes(line));
    }
  }

  private void trim(Timeline line, long slowest, long mostBytes) {
    line.trim(slowest, mostBytes);
    for (FormatViewers group : groups.values()) {
      group.trim();
    }
  }

  private long heldBytes(Timeline line) {
    long held = line.bytes();
    for (FormatViewers group : groups.values()) {
      held += group.capacityBytes();
    }
    return held;
  }

  private void sweep() {
    long now = context.nanoTime();
    boolean silent = now - lastFlushNanos >= SILENT_NANOS;
    for (FormatViewers group : groups.values()) {
      group.sweep(now);
      if (silent) {
        group.keepRelaysAlive();
      }
    }
    EndReason reason = ending;
    if (reason != null && --sweepsLeft <= 0) {
      for (FormatViewers group : groups.values()) {
        group.endNow(reason);
      }
    }
  }

  private FormatViewers group(WireFormat format) {
    return Objects.requireNonNull(groups.get(format));
  }

  private void close() {
    closed = true;
    share.close();
    account.close();
    for (Future<?> running : listOf(timer, sweeper)) {
      running.cancel(false);
    }
    Timeline line = timeline;
    if (line != null) {
      line.clear();
    }
    onClosed.accept(this);
  }

  private static List<Future<?>> listOf(@Nullable Future<?> a, @Nullable Future<?> b) {
    if (a == null) {
      return b == null ? List.of() : List.of(b);
    }
    return b == null ? List.of(a) : List.of(a, b);
  }
}
