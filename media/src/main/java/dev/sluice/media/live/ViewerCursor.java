package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A viewer's place in a timeline: the index of the tag it gets next. One that keeps up is moved by
 * its {@link Lane} with the shared batch of each flush; one that is behind moves itself whenever
 * its channel takes bytes, as {@link DropPolicy} says. It holds no media.
 *
 * <p>Threading: confined to its shard's event loop.
 */
final class ViewerCursor {
  private static final int PIECE_BYTES = 64 << 10;

  private final Viewer viewer;
  private final Channel channel;
  private final Lane lane;
  private final Timeline timeline;
  private final EncodedLog log;

  private long next;
  private TrackChoice choice = TrackChoice.ALL;
  private boolean choosing;
  private boolean keyframeNext;
  private boolean skippingVideo;
  private long allowanceMs;
  private boolean pumping;
  private @Nullable EndReason ending;
  private long bytesSent;
  private long framesDropped;
  private long lastProgressToken;
  private long lastProgressNanos;

  /** At the join point; {@link #begin} sends the first bytes. */
  ViewerCursor(Viewer viewer, Lane lane, EncodedLog log, long nowNanos) {
    this.viewer = viewer;
    this.channel = viewer.channel();
    this.lane = lane;
    this.timeline = lane.timeline();
    this.log = log;
    this.next = Math.max(timeline.joinIndex(), log.first());
    this.lastProgressNanos = nowNanos;
  }

  Viewer viewer() {
    return viewer;
  }

  /** Index of the tag it gets next. */
  long next() {
    return next;
  }

  long bytesSent() {
    return bytesSent;
  }

  long framesDropped() {
    return framesDropped;
  }

  /** How far behind the newest tag, in media time. */
  long lagMs() {
    long at = Math.max(next, timeline.first());
    return at >= timeline.next() ? 0 : timeline.newestMs() - timeline.tag(at).timestampMs();
  }

  /** Sends the preamble and what there is from the join point on. */
  void begin(Tracks tracks) {
    WireFormat format = viewer.format();
    long timeMs = timeline.timeAt(next);
    allowanceMs = lagMs();
    skippingVideo = timeline.joinsWithoutVideo();
    choose(viewer.choice());
    Headers headers = timeline.joinHeaders();
    int bytes = format.preambleBytes() + headers.bytes(format, Long.MIN_VALUE, timeMs);
    if (bytes > 0) {
      ByteBuf preamble = channel.alloc().directBuffer(bytes);
      format.writePreamble(preamble, tracks);
      headers.write(format, preamble, Long.MIN_VALUE, timeMs);
      send(preamble);
    }
    pump();
  }

  /** Whether it gets the batch of a flush that starts at {@code from} as everyone does. */
  boolean takesBatch(long from) {
    return next == from && !skippingVideo && !choosing && channel.isWritable();
  }

  /** Sends other tracks from here on; video that was off comes back with a keyframe. */
  void choose(TrackChoice wanted) {
    keyframeNext |= !choice.video() || !wanted.video();
    choice = wanted;
    choosing = !wanted.audio() || !wanted.video();
    if (!choosing && keyframeNext) {
      keyframeNext = false;
      skippingVideo = true;
    }
  }

  /** Sends a batch that ends before {@code to}. Takes ownership. */
  void sendBatch(ByteBuf batch, int bytes, long to) {
    next = to;
    bytesSent += bytes;
    viewer.send(batch);
  }

  /** Sends on until the end of the log, or until the channel takes no more. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (next < log.next() && channel.isWritable() && !viewer.over()) {
        step();
      }
    } finally {
      pumping = false;
    }
    if (next >= log.next() && !viewer.over()) {
      allowanceMs = 0;
      EndReason reason = ending;
      if (reason != null) {
        lane.finish(this, reason);
      } else if (skippingVideo && !timeline.hasVideo() && timeline.keyframe() == Timeline.NONE) {
        skippingVideo = timeline.joinsWithoutVideo();
      }
    }
  }

  /** No tag will follow: ends the viewer once it has all of them. */
  void endAfterLast(EndReason reason) {
    ending = reason;
    pump();
  }

  /** A look once a second: whether the viewer takes bytes at all. */
  DropPolicy.Verdict check(DropPolicy policy, long nowNanos) {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    long pending = queue == null ? 0 : queue.totalPendingWriteBytes();
    long token = pending;
    if (queue != null && queue.current() instanceof ByteBuf partly) {
      token = pending * 31 + partly.readableBytes();
    }
    if (pending == 0 || token != lastProgressToken) {
      lastProgressToken = token;
      lastProgressNanos = nowNanos;
    }
    return policy.stalled(nowNanos - lastProgressNanos);
  }

  private void step() {
    if (next < log.first()) {
      resumeAfterExpiry();
      return;
    }
    if (choosing) {
      sendChosen();
      return;
    }
    long lagMs = timeline.newestMs() - timeline.tag(next).timestampMs();
    allowanceMs = DropPolicy.shrink(allowanceMs, lagMs);
    switch (lane.policy().decide(lagMs, allowanceMs, skippingVideo)) {
      case SEND -> sendRun(log.runEnd(next, PIECE_BYTES));
      case SKIP_DISPOSABLE -> skipDisposable();
      case SKIP_TO_KEYFRAME -> skipVideo();
      case DISCONNECT -> throw new IllegalStateException("a writable viewer is not stalled");
    }
  }

  private void sendRun(long to) {
    ByteBuf run = log.slice(next, to);
    next = to;
    send(run);
  }

  /** Goes on with the tracks that the viewer wants, copied, as few viewers choose. */
  private void sendChosen() {
    ByteBuf kept = channel.alloc().directBuffer();
    for (; next < log.next() && kept.readableBytes() < PIECE_BYTES; next++) {
      if (chosen(timeline.tag(next))) {
        log.copy(next, kept);
      }
    }
    if (kept.isReadable()) {
      send(kept);
    } else {
      kept.release();
    }
  }

  private boolean chosen(FlvTag tag) {
    if (Headers.isHeader(tag)) {
      return true; // few and small, and needed when the track comes back
    }
    if (tag.audio()) {
      return choice.audio();
    }
    if (tag.video()) {
      keyframeNext &= !(choice.video() && tag.keyframe());
      return choice.video() && !keyframeNext;
    }
    return true;
  }

  private void skipDisposable() {
    if (timeline.tag(next).disposable()) {
      next++;
      dropped(DropReason.DISPOSABLE, 1);
      return;
    }
    long to = log.runEnd(next, PIECE_BYTES);
    long end = next + 1;
    while (end < to && !timeline.tag(end).disposable()) {
      end++;
    }
    sendRun(end);
  }

  /** Goes on without video frames; everything else is copied, as it is little. */
  private void skipVideo() {
    long keyframe = timeline.keyframe();
    if (next == keyframe) {
      skippingVideo = false;
      allowanceMs = lagMs();
      sendRun(log.runEnd(next, PIECE_BYTES));
      return;
    }
    skippingVideo = true;
    long end = keyframe > next ? Math.min(keyframe, log.next()) : log.next();
    long to = next;
    int bytes = 0;
    int frames = 0;
    for (; to < end && bytes < PIECE_BYTES; to++) {
      if (isVideoFrame(timeline.tag(to))) {
        frames++;
      } else {
        bytes += log.bytes(to, to + 1);
      }
    }
    if (bytes > 0) {
      ByteBuf kept = channel.alloc().directBuffer(bytes);
      for (long i = next; i < to; i++) {
        if (!isVideoFrame(timeline.tag(i))) {
          log.copy(i, kept);
        }
      }
      next = to;
      send(kept);
    } else {
      next = to;
    }
    dropped(DropReason.LAG, frames);
  }

  /** What came next is no longer held: resumes at the oldest tag, with headers that changed. */
  private void resumeAfterExpiry() {
    long from = log.first();
    WireFormat format = viewer.format();
    Headers headers = timeline.firstHeaders();
    long timeMs = timeline.timeAt(from);
    int bytes = headers.bytes(format, next, timeMs);
    ByteBuf changed = bytes > 0 ? channel.alloc().directBuffer(bytes) : null;
    if (changed != null) {
      headers.write(format, changed, next, timeMs);
    }
    dropped(DropReason.EXPIRED, (int) Math.min(from - next, Integer.MAX_VALUE));
    next = from;
    skippingVideo = timeline.hasVideo();
    if (changed != null) {
      send(changed);
    }
  }

  private static boolean isVideoFrame(FlvTag tag) {
    return tag.video() && !Headers.isHeader(tag);
  }

  private void send(ByteBuf piece) {
    int bytes = piece.readableBytes();
    bytesSent += bytes;
    lane.countBytes(bytes);
    viewer.send(piece);
  }

  private void dropped(DropReason reason, int frames) {
    if (frames > 0) {
      framesDropped += frames;
      lane.countDropped(reason, frames);
    }
  }
}
