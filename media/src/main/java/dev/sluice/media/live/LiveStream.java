package dev.sluice.media.live;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.EnhancedForm;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.live.fanout.StreamFanout;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.fanout.ViewerStats;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One live stream, from its first publisher to its end: gives each tag its time, and hands it to
 * the {@link StreamFanout}.
 *
 * <p>Threading: confined to {@link #loop}, the loop of its first publisher, for its whole life.
 * Crossings: {@link #join} is called on a viewer's loop; {@link #slot} and {@link #numbers} are
 * thread-safe.
 */
final class LiveStream {
  private final StreamKey key;
  private final EventLoop loop;
  private final LiveContext context;
  private final Consumer<LiveStream> onOver;
  private final StreamNumbers numbers;
  private final IngestStats ingest = new IngestStats();
  private final PictureWatch pictures = new PictureWatch();
  private final PictureWarnings warnings;
  private final PublisherSlot slot = new PublisherSlot();
  private final StreamClock clock;
  private final Timeline timeline;
  private final Splicer splicer;
  private final StreamHeaders headers;
  private final StreamCuts cuts;
  private final EnhancedForm enhanced = new EnhancedForm();
  private final StreamFanout fanout;
  private final StreamViewers viewers;
  private final TrackWait trackWait;
  private boolean ended;
  private @Nullable Future<?> holdTimer;

  /**
   * An empty stream.
   *
   * @param onOver told on the loop when it has ended, before its viewers are
   * @param onViewerLeft told on a viewer's loop when that has left
   */
  LiveStream(
      StreamKey key,
      PublisherInfo.Kind kind,
      EventLoop loop,
      LiveContext context,
      Consumer<LiveStream> onOver,
      Consumer<StreamKey> onViewerLeft) {
    this.key = key;
    this.loop = loop;
    this.context = context;
    this.onOver = onOver;
    this.numbers = new StreamNumbers(context);
    this.warnings = new PictureWarnings(key);
    this.clock = new StreamClock(kind == PublisherInfo.Kind.ENCODER);
    this.timeline = context.newTimeline();
    this.splicer = new Splicer(clock);
    this.trackWait = new TrackWait(loop, context.config().tracksWait(), this::settle);
    this.headers = new StreamHeaders(clock, ingest);
    this.fanout = new StreamFanout(loop, context.fanout(), numbers, timeline, ingest::tracks);
    this.cuts = new StreamCuts(key, context, kind == PublisherInfo.Kind.ENCODER, fanout::append);
    this.viewers = new StreamViewers(key, context, numbers, fanout, onViewerLeft);
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
          cuts.gone();
          trackWait.anotherPublisher();
          splicer.anotherPublisher();
          ingest.anotherPublisher();
          pictures.anotherPublisher();
          fanout.anotherPublisher();
        });
  }

  /** The same source was connected again (relay). Loop only. */
  void reconnected(boolean sameClock) {
    splicer.reconnected(timeline, sameClock);
    cuts.reconnected();
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
      if (one.mark()) {
        cuts.came(one);
      } else if (SequenceHeaders.isHeader(one)) {
        header(one);
      } else {
        media(from, one);
      }
    } finally {
      one.release();
    }
  }

  private void header(FlvTag tag) {
    FlvTag pinned = headers.timed(tag);
    ingest.see(pinned, context.nanoTime());
    if (tag.video() && tag.sequenceHeader()) {
      pictures.header(CodecInfo.wholeHeader(pinned));
    }
    if (!timeline.headers().holds(pinned)) {
      append(pinned);
    }
  }

  private void media(Publication from, FlvTag tag) {
    if (tag.payloadBytes() == 0) {
      return;
    }
    long now = context.nanoTime();
    if (tag.video() && pictures.picture(tag, !timeline.joinsWithoutVideo(), now)) {
      from.warn(pictures.trouble().sentence());
      warnings.warn(pictures.trouble(), now);
    }
    // Viewers join at a keyframe of one track; those of the others follow it.
    boolean beside = tag.keyframe() && !ingest.pictureTrack().has(tag);
    boolean joinPoint = tag.keyframe() && !beside;
    long timeMs = tag.script() ? clock.newest() : splicer.stamp(tag, joinPoint, now / 1_000_000);
    if (timeMs < 0) {
      cuts.omitted();
      return; // not to be shown: before the first keyframe, or had already
    }
    FlvTag timed = beside ? tag.besideAt(timeMs) : tag.at(timeMs);
    boolean back = ingest.see(timed, now);
    boolean restart = ingest.newCodecFrom(joinPoint) && context.config().restartOnCodecChange();
    trackWait.begin();
    if (back) {
      sayAgain(timed);
    }
    if (timed.script()) {
      cuts.script(timed);
    } else {
      cuts.before(
          tag, timed, joinPoint, ingest.tracks(), timeline.headers(), ingest.pictureTrack());
    }
    if (restart) {
      numbers.mediaTime(timed.timestampMs());
      fanout.appendAsNewCodec(timed);
    } else {
      append(timed);
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

  /** Adds a viewer, on the viewer's loop; false when the stream is over. */
  boolean join(Viewer viewer) {
    if (slot.over()) {
      return false;
    }
    viewers.join(viewer);
    return true;
  }

  /**
   * The publisher is gone; the slot is empty already. Loop only.
   *
   * @param hold how long to wait for another before the stream ends
   */
  void publisherGone(EndReason reason, Duration hold) {
    assert loop.inEventLoop();
    cuts.gone();
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
    cuts.over();
    fanout.distribute();
    onOver.accept(this);
    fanout.end(reason, reason.forViewers());
  }

  /** For {@code /api/streams}; any thread. */
  StreamStats stats() {
    return numbers.describe(
        key, slot, ingest.snapshot(context.nanoTime()), pictures.trouble(), cuts);
  }

  /** Where it is cut into segments; of any thread's concern are its dates alone. */
  StreamCuts cuts() {
    return cuts;
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
