package dev.sluice.media.live.fanout;

import dev.sluice.media.live.pacing.DropPolicy;
import dev.sluice.media.live.pacing.DropReason;
import dev.sluice.media.live.timeline.EncodedLog;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.media.live.timeline.Tracks;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.stream.EndReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The viewers of one wire format in a shard, and the log they share, which exists while there are
 * any. This is the hot loop of the relay: one encode and one slice per flush, and per viewer that
 * keeps up one duplicate of it and one write.
 *
 * <p>Threading: confined to its shard's event loop.
 */
public final class FormatViewers {
  private final WireFormat format;
  private final Timeline timeline;
  private final FanoutContext context;
  private final FanoutCounters counters;
  private final List<ViewerCursor> cursors = new ArrayList<>();
  private @Nullable EncodedLog log;

  /** A format that nobody watches yet. */
  FormatViewers(
      WireFormat format, Timeline timeline, FanoutContext context, FanoutCounters counters) {
    this.format = format;
    this.timeline = timeline;
    this.context = context;
    this.counters = counters;
  }

  Timeline timeline() {
    return timeline;
  }

  DropPolicy policy() {
    return context.dropPolicy();
  }

  long nowNanos() {
    return context.nanoTime();
  }

  boolean isEmpty() {
    return cursors.isEmpty();
  }

  /** Bytes of direct memory that the log holds. */
  long capacityBytes() {
    EncodedLog shared = log;
    return shared == null ? 0 : shared.capacityBytes();
  }

  /** Places a viewer at the join point and starts it. */
  void join(Viewer viewer, Tracks tracks, long nowNanos) {
    EncodedLog shared = log;
    if (shared == null) {
      shared = new EncodedLog(format, ByteBufAllocator.DEFAULT, timeline.joinIndex());
      shared.encode(timeline);
      log = shared;
    }
    ViewerCursor cursor = new ViewerCursor(viewer, this, shared, nowNanos);
    cursors.add(cursor);
    viewer.placed(cursor);
    cursor.begin(tracks, nowNanos);
  }

  /** Takes a viewer out; the log goes with the last. */
  void leave(ViewerCursor cursor) {
    int at = cursors.indexOf(cursor);
    if (at < 0) {
      return;
    }
    ViewerCursor last = cursors.removeLast();
    if (last != cursor) {
      cursors.set(at, last);
    }
    if (cursors.isEmpty()) {
      release();
    }
  }

  /**
   * Encodes what is new and sends it.
   *
   * @return index of the slowest viewer's next tag
   */
  long flush() {
    EncodedLog shared = log;
    if (shared == null) {
      return timeline.next();
    }
    long from = shared.next();
    shared.encode(timeline);
    long to = shared.next();
    if (from == to) {
      return slowest();
    }
    if (shared.bytes(from, to) == 0) { // a mark that is not for them
      for (ViewerCursor cursor : cursors) {
        cursor.skipBatch(from, to);
      }
      return slowest();
    }
    ByteBuf batch = shared.slice(from, to);
    int bytes = batch.readableBytes();
    int sent = 0;
    try {
      // Backwards, as a viewer whose write fails may leave: then the last takes its place.
      for (int i = cursors.size() - 1; i >= 0; i = Math.min(i, cursors.size()) - 1) {
        ViewerCursor cursor = cursors.get(i);
        if (cursor.takesBatch(from)) {
          cursor.sendBatch(batch.retainedDuplicate(), bytes, to);
          sent++;
        } else {
          cursor.pump();
        }
      }
    } finally {
      batch.release();
    }
    countBytes((long) bytes * sent);
    return slowest();
  }

  /** Lets go of what the timeline let go of. */
  void trim() {
    EncodedLog shared = log;
    if (shared != null) {
      shared.trim(timeline.first());
    }
  }

  /** No tag will follow: each viewer ends when it has all. */
  void endAfterLast(EndReason reason) {
    for (ViewerCursor cursor : List.copyOf(cursors)) {
      cursor.endAfterLast(reason);
    }
  }

  /** Ends all that are left at once. */
  void endNow(EndReason reason) {
    for (ViewerCursor cursor : List.copyOf(cursors)) {
      cursor.viewer().end(reason);
    }
  }

  /** Ends all but other nodes at once: they start anew. */
  void restart() {
    for (ViewerCursor cursor : List.copyOf(cursors)) {
      if (!cursor.viewer().relay()) {
        cursor.viewer().end(EndReason.CODEC_CHANGED);
      }
    }
  }

  /** Ends those whose format cannot take a track that comes now: they get it when they return. */
  void restartWithout(boolean sound, boolean picture) {
    for (int i = cursors.size() - 1; i >= 0; i = Math.min(i, cursors.size()) - 1) {
      ViewerCursor cursor = cursors.get(i);
      if (!cursor.promised(sound, picture)) {
        cursor.viewer().end(EndReason.TRACKS_CHANGED);
      }
    }
  }

  /** A viewer has everything there was. */
  void finish(ViewerCursor cursor, EndReason reason) {
    cursor.viewer().end(reason);
  }

  /** Ends the viewers that take no bytes. */
  void sweep(long nowNanos) {
    for (int i = cursors.size() - 1; i >= 0; i = Math.min(i, cursors.size()) - 1) {
      ViewerCursor cursor = cursors.get(i);
      if (cursor.stalled(policy(), nowNanos)) {
        cursor.viewer().end(EndReason.VIEWER_STALLED);
      }
    }
  }

  /** No media comes at present: tells nodes that take the stream that this one lives. */
  void keepRelaysAlive() {
    for (ViewerCursor cursor : cursors) {
      if (cursor.viewer().relay()) {
        cursor.viewer().keepAlive();
      }
    }
  }

  /** Adds what there is to tell of each viewer. */
  void describe(List<ViewerStats> to, long nowNanos) {
    for (ViewerCursor cursor : cursors) {
      to.add(cursor.stats(nowNanos));
    }
  }

  void countBytes(long bytes) {
    counters.sent(format.protocol(), bytes);
  }

  void countDropped(DropReason reason, int frames) {
    counters.dropped(reason, frames);
  }

  private long slowest() {
    long slowest = timeline.next();
    for (int i = 0; i < cursors.size(); i++) {
      slowest = Math.min(slowest, cursors.get(i).next());
    }
    return slowest;
  }

  private void release() {
    EncodedLog shared = log;
    if (shared != null) {
      log = null;
      shared.release();
    }
  }
}
