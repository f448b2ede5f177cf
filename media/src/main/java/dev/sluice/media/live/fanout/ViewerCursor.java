package dev.sluice.media.live.fanout;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.live.pacing.DropController;
import dev.sluice.media.live.pacing.DropCounts;
import dev.sluice.media.live.pacing.DropLevel;
import dev.sluice.media.live.pacing.DropPolicy;
import dev.sluice.media.live.pacing.DropReason;
import dev.sluice.media.live.timeline.EncodedLog;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.media.live.timeline.Tracks;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.stream.EndReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A viewer's place in a timeline: the index of the tag it gets next. One that keeps up is moved by
 * its {@link FormatViewers} with the shared batch of each flush; one that is behind moves itself
 * whenever its {@link ViewerSocket} is clear, as its {@link DropController} says. It holds no
 * media.
 *
 * <p>Threading: confined to its shard's event loop.
 */
public final class ViewerCursor {
  private static final int FIRST_COPY = 4 << 10;

  private final Viewer viewer;
  private final Channel channel;
  private final FormatViewers group;
  private final Timeline timeline;
  private final EncodedLog log;
  private final ViewerSocket socket;
  private final DropController dropping;
  private final long startNanos;

  private long next;
  private TrackChoice choice = TrackChoice.ALL;
  private boolean pumping;
  private @Nullable EndReason ending;
  private long bytesSent;
  private final DropCounts dropped = new DropCounts();
  private Tracks told = Tracks.NONE;

  /** At the join point; {@link #begin} sends the first bytes. */
  ViewerCursor(Viewer viewer, FormatViewers group, EncodedLog log, long nowNanos) {
    this.viewer = viewer;
    this.channel = viewer.channel();
    this.group = group;
    this.timeline = group.timeline();
    this.log = log;
    this.socket =
        new ViewerSocket(channel, timeline.bytesPerSecond(), this::pump, viewer::mark, nowNanos);
    DropPolicy policy = viewer.relay() ? group.policy().forRelay() : group.policy();
    this.dropping = new DropController(policy, ThreadLocalRandom.current().nextFloat());
    this.startNanos = nowNanos;
    this.next = Math.max(timeline.joinIndex(), log.first());
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
    return dropped.sum();
  }

  /** A mark was answered. */
  void answered(int mark) {
    socket.answered(mark, group.nowNanos());
  }

  /** How late the next tag is when it is there, in media time. */
  private long lagMs(long nowNanos) {
    long at = Math.max(next, log.first());
    if (at >= log.next()) {
      return socket.delayMs(0, nowNanos);
    }
    long behindMs = timeline.newestMs() - timeline.tag(at).timestampMs();
    return behindMs + socket.delayMs(log.bytes(at, at + 1), nowNanos);
  }

  /** For {@code /api/streams}. */
  ViewerStats stats(long nowNanos) {
    return new ViewerStats(
        viewer.id(),
        viewer.address(),
        viewer.format().protocol().word(),
        Thread.currentThread().getName(),
        (nowNanos - startNanos) / 1_000_000,
        lagMs(nowNanos),
        dropping.level().word(),
        bytesSent,
        socket.rate().bytesPerSecond(nowNanos) * 8,
        dropping.skips(),
        dropped.byWord());
  }

  /** Sends the preamble and what there is from the join point on. */
  void begin(Tracks tracks, long nowNanos) {
    WireFormat format = viewer.format();
    long timeMs = timeline.timeAt(next);
    dropping.start(nowNanos, timeMs, lagMs(nowNanos), !timeline.joinsWithoutVideo());
    choice = viewer.choice();
    told = tracks;
    List<FlvTag> stills = choice.video() ? timeline.stillsBefore(next) : List.of();
    // One after the other, a millisecond apart, up to the sound that is now.
    long fromMs = Math.max(0, timeMs - Math.max(0, stills.size() - 1));
    SequenceHeaders headers = timeline.joinHeaders();
    SequenceHeaders later = stills.isEmpty() ? SequenceHeaders.NONE : timeline.headersAfterStills();
    long laterFrom = timeline.keyframeIndex();
    int bytes = format.preambleBytes() + format.headerBytes(headers, Long.MIN_VALUE, fromMs);
    bytes += format.headerBytes(later, laterFrom, timeMs);
    for (int i = 0; i < stills.size(); i++) {
      bytes += format.bytes(stills.get(i), Math.min(fromMs + i, timeMs));
    }
    if (bytes > 0) {
      ByteBuf preamble = channel.alloc().directBuffer(bytes);
      format.writePreamble(preamble, tracks);
      format.writeHeaders(preamble, headers, Long.MIN_VALUE, fromMs);
      for (int i = 0; i < stills.size(); i++) {
        format.write(preamble, stills.get(i), Math.min(fromMs + i, timeMs));
      }
      format.writeHeaders(preamble, later, laterFrom, timeMs);
      send(preamble);
    }
    pump();
  }

  /** Whether media of these tracks was promised by what comes before all else in its format. */
  boolean promised(boolean sound, boolean picture) {
    return viewer.format().preambleBytes() == 0
        || ((told.audio() || !sound) && (told.video() || !picture));
  }

  /** Whether it gets the batch of a flush that starts at {@code from} as everyone does. */
  boolean takesBatch(long from) {
    return next == from && dropping.level() == DropLevel.ALL && !choosing() && socket.free();
  }

  /** Sends other tracks from here on; video that was off comes back with a keyframe. */
  void choose(TrackChoice wanted) {
    if (!choice.video() && wanted.video()) {
      dropping.keyframeFirst(group.nowNanos());
    }
    choice = wanted;
  }

  private boolean choosing() {
    return !choice.audio() || !choice.video();
  }

  /** Goes past a batch in which there is nothing for it. */
  void skipBatch(long from, long to) {
    if (next == from) {
      next = to;
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
    if (pumping || viewer.over()) {
      return;
    }
    pumping = true;
    try {
      while (next < log.next() && !viewer.over() && socket.open()) {
        step(group.nowNanos());
      }
    } finally {
      pumping = false;
    }
    if (viewer.over()) {
      return;
    }
    if (next >= log.next()) {
      hasAll();
    } else {
      socket.awaitOpen(group.nowNanos());
    }
  }

  /** No tag will follow: ends the viewer once it has all of them. */
  void endAfterLast(EndReason reason) {
    ending = reason;
    pump();
  }

  /** A look once a second: whether the viewer takes bytes at all. */
  boolean stalled(DropPolicy policy, long nowNanos) {
    return socket.stalled(policy.stallNanos(), nowNanos);
  }

  private void hasAll() {
    dropping.caughtUp();
    EndReason reason = ending;
    if (reason != null) {
      group.finish(this, reason);
      return;
    }
    if (socket.clear()) {
      socket.idle(group.nowNanos());
    }
    boolean waitsForVideo = timeline.hasVideo() || timeline.joinsWithoutVideo();
    if (dropping.withoutVideo() && !waitsForVideo && timeline.keyframe() == Timeline.NONE) {
      dropping.noVideo();
    }
  }

  private void step(long nowNanos) {
    socket.cleared(nowNanos);
    if (next < log.first()) {
      resumeAfterExpiry(nowNanos);
      return;
    }
    long nextMs = timeline.tag(next).timestampMs();
    boolean atKeyframe = next == timeline.keyframe();
    int most = socket.rate().piece(nowNanos);
    switch (dropping.decide(nowNanos, lagMs(nowNanos), nextMs, atKeyframe)) {
      case SEND -> send(most, true);
      case SKIP_DISPOSABLE -> send(most, false);
      case SKIP_VIDEO -> skipVideo(most);
      case DISCONNECT -> viewer.end(EndReason.VIEWER_TOO_SLOW);
    }
  }

  private void send(int most, boolean disposable) {
    if (choosing()) {
      copy(most, log.next(), true, disposable, DropReason.DISPOSABLE);
    } else if (disposable) {
      sendRun(log.runEnd(next, most));
    } else {
      skipDisposable(most);
    }
  }

  private void sendRun(long to) {
    if (log.bytes(next, to) == 0) {
      next = to;
      return;
    }
    ByteBuf run = log.slice(next, to);
    next = to;
    send(run);
  }

  private void skipDisposable(int most) {
    if (timeline.tag(next).disposable()) {
      next++;
      dropped(DropReason.DISPOSABLE, 1);
      return;
    }
    long to = log.runEnd(next, most);
    long end = next + 1;
    while (end < to && !timeline.tag(end).disposable()) {
      end++;
    }
    sendRun(end);
  }

  /** Goes on without video frames up to the newest keyframe, where the dropping is asked again. */
  private void skipVideo(int most) {
    long keyframe = timeline.keyframe();
    long end = keyframe > next ? Math.min(keyframe, log.next()) : log.next();
    boolean audioOnly = dropping.level() == DropLevel.AUDIO_ONLY;
    copy(most, end, false, false, audioOnly ? DropReason.AUDIO_ONLY : DropReason.LAG);
  }

  /** Copies what is kept of the tags before {@code end}, as it is little or seldom done. */
  private void copy(int most, long end, boolean video, boolean disposable, DropReason reason) {
    ByteBuf kept = channel.alloc().directBuffer(Math.min(most, FIRST_COPY));
    int frames = 0;
    for (; next < end && kept.readableBytes() < most; next++) {
      FlvTag tag = timeline.tag(next);
      if (!wants(tag)) {
        continue;
      }
      if (isVideoFrame(tag) && (!video || (!disposable && tag.disposable()))) {
        frames++;
      } else {
        log.copy(next, kept);
      }
    }
    dropped(reason, frames);
    if (kept.isReadable()) {
      send(kept);
    } else {
      kept.release();
    }
  }

  /** Headers are few and small, and needed when the track comes back. */
  private boolean wants(FlvTag tag) {
    return SequenceHeaders.isHeader(tag)
        || !((tag.audio() && !choice.audio()) || (tag.video() && !choice.video()));
  }

  /** What came next is no longer held: resumes at the oldest tag, with headers that changed. */
  private void resumeAfterExpiry(long nowNanos) {
    long from = log.first();
    WireFormat format = viewer.format();
    SequenceHeaders headers = timeline.firstHeaders();
    long timeMs = timeline.timeAt(from);
    int bytes = format.headerBytes(headers, next, timeMs);
    ByteBuf changed = bytes > 0 ? channel.alloc().directBuffer(bytes) : null;
    if (changed != null) {
      format.writeHeaders(changed, headers, next, timeMs);
    }
    dropped(DropReason.EXPIRED, (int) Math.min(from - next, Integer.MAX_VALUE));
    next = from;
    dropping.expired(nowNanos, timeMs, timeline.hasVideo());
    if (changed != null) {
      send(changed);
    }
  }

  private static boolean isVideoFrame(FlvTag tag) {
    return tag.video() && !SequenceHeaders.isHeader(tag);
  }

  private void send(ByteBuf piece) {
    int bytes = piece.readableBytes();
    bytesSent += bytes;
    group.countBytes(bytes);
    viewer.send(piece);
    socket.handedOver(bytes, group.nowNanos());
  }

  private void dropped(DropReason reason, int frames) {
    if (frames > 0) {
      dropped.add(reason, frames);
      group.countDropped(reason, frames);
    }
  }
}
