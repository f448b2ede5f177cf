package dev.sluice.media.live.timeline;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.PictureTrack;
import dev.sluice.media.flv.SequenceHeaders;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Tags of one source that are kept to begin anew: at another server, or with another source. It
 * always begins with the keyframe of a GOP ({@link PictureTrack}) and the headers in force before
 * it; of sound alone, anywhere.
 *
 * <pre>
 *   headers | read: I P P P | unread: P P I P P
 *             ^ restart() goes back to here
 * </pre>
 *
 * <p>A {@link #queue} keeps what its reader has not read, and the part of the reader's GOP that it
 * has; {@link #newest} keeps the current GOP, and some before it, until somebody reads. Bounded in
 * bytes, headers included: past the bound first what was read goes, then the oldest GOPs; when the
 * current one does not fit either, the next keyframe is waited for.
 *
 * <p>Threading: confined to the event loop of its source; the common count of queues is shared.
 * Touches no channels, clocks or meters.
 */
public final class GopBuffer {
  private static final long SOUND_MS = 1_000;

  /** A keyframe is not waited for any more when its track has not come for so long. */
  private static final long VIDEO_GONE_MS = 5_000;

  private final boolean newest;
  private final long keepNanos;
  private final long maxBytes;
  private final long maxTotal;
  private final AtomicLong total;

  private final PictureTrack pictureTrack = new PictureTrack();
  private final ArrayDeque<FlvTag> owed = new ArrayDeque<>();
  private final ArrayDeque<FlvTag> read = new ArrayDeque<>();
  private final ArrayDeque<FlvTag> unread = new ArrayDeque<>();
  private final ArrayDeque<Gop> gops = new ArrayDeque<>();
  private SequenceHeaders headers = SequenceHeaders.NONE;
  private @Nullable Gop reading;
  private long next;
  private long bytes;
  private long dropped;
  private boolean video;
  private long videoMs;
  private long pictureMs;
  private boolean waiting;

  /** A GOP that is not read yet: the index of its first tag, and when that came. */
  private record Gop(long index, long cameNanos) {}

  private GopBuffer(
      boolean newest, long keepNanos, long maxBytes, long maxTotal, AtomicLong total) {
    this.newest = newest;
    this.keepNanos = keepNanos;
    this.maxBytes = maxBytes;
    this.maxTotal = maxTotal;
    this.total = total;
  }

  /**
   * An empty queue.
   *
   * @param maxTotal bound for all queues together
   * @param total bytes in all queues
   */
  public static GopBuffer queue(long maxBytes, long maxTotal, AtomicLong total) {
    return new GopBuffer(false, Long.MAX_VALUE, maxBytes, maxTotal, total);
  }

  /**
   * An empty buffer of the newest media: of sound alone, a second.
   *
   * @param keepNanos for how long whole GOPs before the current one are kept
   */
  public static GopBuffer newest(long maxBytes, long keepNanos) {
    return new GopBuffer(true, keepNanos, maxBytes, Long.MAX_VALUE, new AtomicLong());
  }

  /** Adds a tag. Borrows it. */
  public void add(FlvTag tag, long nowNanos) {
    boolean begins = beginsGop(tag);
    if (SequenceHeaders.isHeader(tag)) {
      addHeader(tag);
    } else if (!admits(tag, begins)) {
      dropped++;
      return;
    } else {
      if (begins) {
        gops.add(new Gop(next, nowNanos));
      }
      append(tag.retain());
      if (newest && begins) {
        dropEndedGops(nowNanos);
      } else if (newest && !video) {
        dropOldSound(tag.timestampMs());
      }
    }
    if (over()) {
      shrink();
    }
  }

  private boolean beginsGop(FlvTag tag) {
    boolean gone = waiting && tag.keyframe() && tag.timestampMs() - pictureMs > VIDEO_GONE_MS;
    if (gone) {
      pictureTrack.forget();
    }
    boolean begins = pictureTrack.beginsGop(tag);
    if (pictureTrack.has(tag)) {
      pictureMs = tag.timestampMs();
    }
    return begins;
  }

  private void addHeader(FlvTag tag) {
    FlvTag header = SequenceHeaders.pinned(tag);
    if (newest && unread.isEmpty()) {
      inForce(header);
    } else {
      append(header);
    }
  }

  private boolean admits(FlvTag tag, boolean begins) {
    if (newest && tag.script()) {
      return false; // it was for its moment
    }
    if (tag.video()) {
      if (newest && !video) {
        dropUnread(); // sounds before the first picture
        waiting = true;
      }
      video = true;
      videoMs = tag.timestampMs();
    } else if (waiting && tag.timestampMs() - videoMs > VIDEO_GONE_MS) {
      video = false; // no keyframe will come
    }
    if (waiting && video && !begins) {
      return false;
    }
    waiting = false;
    return true;
  }

  private void append(FlvTag tag) {
    unread.add(tag);
    next++;
    count(tag.payloadBytes());
  }

  private void dropEndedGops(long nowNanos) {
    while (gops.size() > 1) {
      Gop first = gops.removeFirst();
      Gop second = gops.getFirst();
      gops.addFirst(first);
      if (nowNanos - second.cameNanos() < keepNanos) {
        return;
      }
      dropGop();
    }
  }

  private void dropOldSound(long nowMs) {
    while (nowMs - unread.getFirst().timestampMs() > SOUND_MS) {
      dropGop();
    }
  }

  private void shrink() {
    forgetRead();
    if (!over()) {
      return;
    }
    while (!unread.isEmpty() && over()) {
      dropGop();
    }
    waiting = unread.isEmpty();
  }

  /** Drops the oldest GOP, or a tag where there is no picture. */
  private void dropGop() {
    do {
      dropFirst();
    } while (!unread.isEmpty() && !canBegin());
  }

  private boolean canBegin() {
    return video ? atGop() : !newest || !SequenceHeaders.isHeader(unread.getFirst());
  }

  private boolean atGop() {
    Gop gop = gops.peekFirst();
    return gop != null && gop.index() == next - unread.size();
  }

  private void dropFirst() {
    if (atGop()) {
      gops.removeFirst();
    }
    FlvTag tag = unread.removeFirst();
    if (!SequenceHeaders.isHeader(tag)) {
      dropped++;
    } else if (!newest) {
      owed.removeIf(header -> header.headerKind() == tag.headerKind());
      owed.add(tag);
    }
    leave(tag);
  }

  private void dropUnread() {
    while (!unread.isEmpty()) {
      dropFirst();
    }
  }

  /** The next tag to read, or null. Borrowed until the next call. */
  public @Nullable FlvTag next() {
    FlvTag header = owed.poll();
    if (header != null) {
      return header;
    }
    boolean begins = atGop();
    FlvTag tag = unread.poll();
    if (tag == null) {
      return null;
    }
    if (begins) {
      forgetRead();
      reading = gops.poll();
    } else if (!video && !SequenceHeaders.isHeader(tag)) {
      forgetRead();
    }
    read.add(tag);
    return tag;
  }

  /** Goes back to the start of what is held, headers first. */
  public void restart() {
    while (!read.isEmpty()) {
      unread.addFirst(read.removeLast());
    }
    Gop again = reading;
    if (again != null) {
      gops.addFirst(again);
      reading = null;
    }
    owed.clear();
    headers.forEach(owed::add);
  }

  /** Forgets what came before the current GOP, but for headers in force. */
  public void forgetOlderGops() {
    while (gops.size() > 1) {
      dropGop();
    }
  }

  /** Whether there is unread media to begin with. */
  public boolean hasMedia() {
    return !unread.isEmpty();
  }

  /** Payload bytes held. */
  public long bytes() {
    return bytes;
  }

  /** Tags left out so far. */
  public long dropped() {
    return dropped;
  }

  /** Lets go of everything. */
  public void clear() {
    forgetRead();
    dropUnread();
    owed.clear();
    count(-headers.bytes());
    headers = SequenceHeaders.NONE;
  }

  private void forgetRead() {
    reading = null;
    while (!read.isEmpty()) {
      leave(read.removeFirst());
    }
  }

  /** A tag is no longer held; a header stays in force. Takes ownership. */
  private void leave(FlvTag tag) {
    count(-tag.payloadBytes());
    if (SequenceHeaders.isHeader(tag)) {
      inForce(tag);
    }
    tag.release();
  }

  private void inForce(FlvTag header) {
    int before = headers.bytes();
    headers = headers.with(header, next);
    count(headers.bytes() - before);
  }

  private boolean over() {
    return bytes > maxBytes || total.get() > maxTotal;
  }

  private void count(long more) {
    bytes += more;
    total.addAndGet(more);
  }
}
