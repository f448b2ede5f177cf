package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher sent and an origin has not, and what it would need to begin anew: the part of
 * the current GOP that was sent already, and the headers in force before it.
 *
 * <pre>
 *   headers | sent: I P P P | unsent: P P I P P
 *             ^ restart() goes back to here
 * </pre>
 *
 * <p>Bounded in bytes, alone and together with the others: past a bound first what was sent goes,
 * then the oldest GOPs, so that what follows always begins with a keyframe.
 *
 * <p>Threading: confined to the event loop of its publisher; the common count is shared.
 */
final class ForwardQueue {
  private static final long VIDEO_GONE_MS = 5_000;

  private final long maxBytes;
  private final long maxTotal;
  private final AtomicLong total;
  private final Map<TagType, FlvTag> headers = new EnumMap<>(TagType.class);
  private final ArrayDeque<FlvTag> sent = new ArrayDeque<>();
  private final ArrayDeque<FlvTag> unsent = new ArrayDeque<>();
  private long bytes;
  private long dropped;
  private boolean video;
  private long videoMs;
  private boolean broken;

  /**
   * An empty queue.
   *
   * @param total bytes in all queues
   */
  ForwardQueue(long maxBytes, long maxTotal, AtomicLong total) {
    this.maxBytes = maxBytes;
    this.maxTotal = maxTotal;
    this.total = total;
  }

  /** Adds a tag. Borrows it. */
  void add(FlvTag tag) {
    boolean header = tag.sequenceHeader() || tag.script();
    if (tag.video()) {
      video = true;
      videoMs = tag.timestampMs();
    } else if (broken && tag.timestampMs() - videoMs > VIDEO_GONE_MS) {
      video = false; // no keyframe will come
    }
    if (broken && !header) {
      if (video && !tag.keyframe()) {
        dropped++;
        return;
      }
      broken = false;
    }
    unsent.add(tag.retain());
    count(tag.payloadBytes());
    if (over()) {
      shrink();
    }
  }

  /** The next tag to send, or null. Borrowed until the next call. */
  @Nullable FlvTag next() {
    FlvTag tag = unsent.poll();
    if (tag == null) {
      return null;
    }
    if (tag.keyframe() || (!video && !header(tag))) {
      forgetSent();
    }
    sent.add(tag);
    return tag;
  }

  /** Another server is sent to: goes back to the start of the GOP, headers first. */
  void restart() {
    while (!sent.isEmpty()) {
      unsent.addFirst(sent.removeLast());
    }
    for (TagType type : new TagType[] {TagType.AUDIO, TagType.VIDEO, TagType.SCRIPT}) {
      FlvTag header = headers.remove(type);
      if (header != null) {
        unsent.addFirst(header);
        count(header.payloadBytes());
      }
    }
  }

  /** Bytes of media held. */
  long bytes() {
    return bytes;
  }

  /** Tags left out so far. */
  long dropped() {
    return dropped;
  }

  /** Lets go of everything. */
  void clear() {
    sent.forEach(this::release);
    sent.clear();
    unsent.forEach(this::release);
    unsent.clear();
    headers.values().forEach(FlvTag::release);
    headers.clear();
  }

  private void forgetSent() {
    for (FlvTag tag : sent) {
      if (header(tag)) {
        keep(tag);
      }
      release(tag);
    }
    sent.clear();
  }

  private void shrink() {
    forgetSent();
    if (!over()) {
      return;
    }
    Map<TagType, FlvTag> passed = new EnumMap<>(TagType.class);
    while (!unsent.isEmpty()) {
      FlvTag tag = unsent.getFirst();
      if (!over() && (tag.keyframe() || !video)) {
        break;
      }
      unsent.removeFirst();
      if (header(tag)) {
        FlvTag before = passed.put(tag.type(), tag);
        if (before != null) {
          release(before);
        }
      } else {
        dropped++;
        release(tag);
      }
    }
    broken = unsent.isEmpty();
    for (TagType type : new TagType[] {TagType.AUDIO, TagType.VIDEO, TagType.SCRIPT}) {
      FlvTag header = passed.get(type);
      if (header != null) {
        unsent.addFirst(header);
      }
    }
  }

  private void keep(FlvTag header) {
    FlvTag before = headers.put(header.type(), header.retain());
    if (before != null) {
      before.release();
    }
  }

  private static boolean header(FlvTag tag) {
    return tag.sequenceHeader() || tag.script();
  }

  private boolean over() {
    return bytes > maxBytes || total.get() > maxTotal;
  }

  private void count(long more) {
    bytes += more;
    total.addAndGet(more);
  }

  private void release(FlvTag tag) {
    count(-tag.payloadBytes());
    tag.release();
  }
}
