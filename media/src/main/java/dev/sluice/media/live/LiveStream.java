package dev.sluice.media.live;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.EnhancedForm;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.live.fanout.StreamFanout;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.fanout.ViewerCursor;
import dev.sluice.media.live.fanout.ViewerStats;
import dev.sluice.media.live.fanout.WatchedStream;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One live stream, from its first publisher to its end: gives each tag its time, and hands it to
 * the {@link StreamFanout}.
 *
 * <p>Threading: confined to {@link #loop}, the loop of its first publisher, for its whole life.
 * Crossings: {@link #join} and {@code viewer...} are called on a viewer's loop; {@link #slot} and
 * {@link #numbers} are thread-safe.
 */
final class LiveStream implements WatchedStream {
  private static final Logger log = LoggerFactory.getLogger(LiveStream.class);
  private static final long WARN_AGAIN_NANOS = 60_000_000_000L;

  private final StreamKey key;
  private final EventLoop loop;
  private final LiveContext context;
  private final LiveHub hub;
  private final StreamNumbers numbers;
  private final IngestStats ingest = new IngestStats();
  private final PictureWatch pictures = new PictureWatch();
  private final PublisherSlot slot = new PublisherSlot();
  private final StreamClock clock;
  private final Timeline timeline;
  private final Splicer splicer;
  private final EnhancedForm enhanced = new EnhancedForm();
  private final StreamFanout fanout;
  private @Nullable Future<?> settling;
  private boolean ended;
  private boolean warned;
  private long warnedNanos;
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
    this.splicer = new Splicer(clock);
    this.fanout = new StreamFanout(loop, context.fanout(), numbers, timeline, ingest::tracks);
  }

  StreamKey key() {
    return key;
  }

  EventLoop loop() {
    return loop;
  }

  /** Who publishes; thread-safe. */
  PublisherSlot slot() {
    return slot;
  }

  /** Viewers and bytes; thread-safe. */
  StreamNumbers numbers() {
    return numbers;
  }

  /** Adds a listener's sink, before the first tag. */
  void listen(StreamListener.Sink sink) {
    fanout.listen(sink);
  }

  /** Another publisher took the slot: its times start anywhere. Any thread. */
  void takeOver() {
    run(
        () -> {
          Future<?> timer = holdTimer;
          if (timer != null) {
            timer.cancel(false);
            holdTimer = null;
          }
          Future<?> wait = settling;
          if (wait != null) {
            wait.cancel(false);
            settling = null;
          }
          splicer.anotherPublisher();
          ingest.anotherPublisher();
          pictures.anotherPublisher();
          fanout.anotherPublisher();
        });
  }

  /** The same source was connected again (relay). Loop only. */
  void reconnected(boolean sameClock) {
    splicer.reconnected(timeline, sameClock);
  }

  /** Takes in a tag, unless another publisher has taken over. Borrows it. */
  void ingest(Publication from, FlvTag tag) {
    assert loop.inEventLoop();
    if (ended || !slot.heldBy(from)) {
      return;
    }
    numbers.received(slot.kind(), tag.payloadBytes());
    FlvTag one = enhanced.of(tag);
    try {
      if (SequenceHeaders.isHeader(one)) {
        header(one);
      } else {
        media(from, one);
      }
    } finally {
      one.release();
    }
  }

  private void header(FlvTag tag) {
    long timeMs = clock.ofHeader(tag.video(), tag.timestampMs());
    FlvTag pinned =
        tag.script() ? metadata(tag) : SequenceHeaders.pinned(tag.type(), timeMs, tag.payload());
    ingest.see(pinned, context.nanoTime());
    if (tag.video() && tag.sequenceHeader()) {
      pictures.header(CodecInfo.wholeHeader(pinned));
    }
    if (!timeline.headers().holds(pinned)) {
      append(pinned);
    }
  }

  private FlvTag metadata(FlvTag tag) {
    ScriptData forViewers = ingest.metadata(tag);
    if (forViewers == null) {
      return SequenceHeaders.pinned(tag.type(), clock.newest(), tag.payload());
    }
    ByteBuf body;
    try {
      body = forViewers.encode(ByteBufAllocator.DEFAULT);
    } catch (AmfException e) { // a name that cannot be written again: as it came
      return SequenceHeaders.pinned(tag.type(), clock.newest(), tag.payload());
    }
    try {
      return SequenceHeaders.pinned(tag.type(), clock.newest(), body);
    } finally {
      body.release();
    }
  }

  private void media(Publication from, FlvTag tag) {
    if (tag.payloadBytes() == 0) {
      return;
    }
    long now = context.nanoTime();
    if (tag.video() && pictures.picture(tag, !timeline.joinsWithoutVideo(), now)) {
      warn(from, pictures.trouble(), now);
    }
    // Viewers join at a keyframe of one track; those of the others follow it.
    boolean beside = tag.keyframe() && !ingest.pictureTrack().has(tag);
    long timeMs =
        tag.script()
            ? clock.newest()
            : splicer.stamp(tag, tag.keyframe() && !beside, now / 1_000_000);
    if (timeMs < 0) {
      return; // not to be shown: before the first keyframe, or had already
    }
    FlvTag timed = beside ? tag.besideAt(timeMs) : tag.at(timeMs);
    boolean back = ingest.see(timed, now);
    boolean restart =
        ingest.newCodecFrom(tag.keyframe() && !beside) && context.config().restartOnCodecChange();
    if (settling == null) {
      long wait = context.config().tracksWait().toMillis();
      settling = loop.schedule(this::settle, wait, TimeUnit.MILLISECONDS);
    }
    if (back) {
      sayAgain(timed);
    }
    if (restart) {
      numbers.mediaTime(timed.timestampMs());
      fanout.appendAsNewCodec(timed);
    } else {
      append(timed);
    }
  }

  /** Says that nothing can be shown: to the operator once a minute at most, and to the encoder. */
  private void warn(Publication from, PictureWatch.Trouble trouble, long now) {
    from.warn(trouble.sentence());
    if (!warned || now - warnedNanos >= WARN_AGAIN_NANOS) {
      warned = true;
      warnedNanos = now;
      log.warn(
          "picture cannot be shown stream={} reason={} detail=\"{}\"",
          key,
          trouble.word(),
          trouble.sentence());
    }
  }

  /** A track is back: who joined without it needs its headers. */
  private void sayAgain(FlvTag timed) {
    for (FlvTag header : timeline.headers().of(timed.type())) {
      append(SequenceHeaders.pinned(header.type(), timed.timestampMs(), header.payload()));
    }
  }

  /** Takes ownership. */
  private void append(FlvTag timed) {
    numbers.mediaTime(timed.timestampMs());
    fanout.append(timed);
  }

  private void settle() {
    ingest.settle();
    fanout.distribute();
  }

  /**
   * Adds a viewer. Called on the viewer's loop.
   *
   * @return false when the stream is over
   */
  boolean join(Viewer viewer) {
    if (slot.over()) {
      return false;
    }
    if (!viewer.joined(this)) {
      hub.viewerLeft(key);
      return true;
    }
    fanout.join(viewer);
    return true;
  }

  @Override
  public long viewerEntered(Viewer viewer) {
    numbers.viewerJoined(viewer.format().protocol());
    return context.entered(viewer);
  }

  @Override
  public void viewerLeft(Viewer viewer, @Nullable ViewerCursor cursor) {
    fanout.leave(viewer, cursor);
    context.left(viewer.id());
    numbers.viewerLeft(viewer.format().protocol());
    hub.viewerLeft(key);
  }

  @Override
  public void viewerPaused(Viewer viewer, @Nullable ViewerCursor cursor) {
    fanout.pause(viewer, cursor);
  }

  @Override
  public void viewerResumed(Viewer viewer) {
    fanout.resume(viewer);
  }

  @Override
  public void viewerEnded(EndReason reason) {
    numbers.disconnected(reason);
  }

  /**
   * The publisher is gone; the slot is empty already. Loop only.
   *
   * @param hold how long to wait for another before the stream ends
   */
  void publisherGone(EndReason reason, Duration hold) {
    assert loop.inEventLoop();
    fanout.distribute();
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
          if (slot.close()) {
            over(EndReason.SHUTDOWN);
          }
        });
  }

  /** Ends the stream, and its publisher's connection, by an operator's act. Any thread. */
  void kick() {
    if (slot.evict()) {
      run(() -> over(EndReason.KICKED));
    }
  }

  private void end(EndReason reason) {
    if (slot.finish()) {
      over(reason);
    }
  }

  private void over(EndReason reason) {
    Future<?> timer = holdTimer;
    if (timer != null) {
      timer.cancel(false);
    }
    ended = true;
    hub.gone(this);
    fanout.end(reason, reason.forViewers());
  }

  /** For {@code /api/streams}; any thread. */
  StreamStats stats() {
    return numbers.describe(key, slot, ingest.snapshot(context.nanoTime()), pictures.trouble());
  }

  /** Its viewers, those furthest behind first; any thread. */
  CompletableFuture<List<ViewerStats>> viewers() {
    return fanout.viewers();
  }

  /** Runs on its loop: now, when called there. Any thread. */
  void run(Runnable task) {
    fanout.run(task);
  }
}
