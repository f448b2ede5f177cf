package dev.sluice.media.live.timeline;

import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a timeline in one wire format, each encoded once, one behind the other in direct
 * memory, so that any run of tags of one segment is one slice that all viewers share.
 *
 * <p>Tags are encoded in batches (one per flush), and a batch is never cut: when it does not fit
 * the running segment, a new one is begun. A segment has a quarter of what the log holds, from 16
 * to 256 KiB, or the batch if that is larger: what is trimmed but not yet free, and what is not yet
 * written, then come to a quarter at most each. A trimmed segment lives on until the last slice of
 * it is sent.
 *
 * <p>Threading: confined to its shard's event loop.
 */
public final class EncodedLog {
  private static final int SMALLEST_SEGMENT = 16 << 10;
  private static final int LARGEST_SEGMENT = 256 << 10;
  private static final int INITIAL_TAGS = 64;

  private final WireFormat format;
  private final ByteBufAllocator allocator;
  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private @Nullable Segment running;

  private @Nullable Segment[] segmentOf = new @Nullable Segment[INITIAL_TAGS];
  private int[] startOf = new int[INITIAL_TAGS];
  private int[] endOf = new int[INITIAL_TAGS];
  private long first;
  private long next;

  /** An empty log whose first tag will be {@code first}. */
  public EncodedLog(WireFormat format, ByteBufAllocator allocator, long first) {
    this.format = format;
    this.allocator = allocator;
    this.first = first;
    this.next = first;
  }

  /** Index of the oldest tag held. */
  public long first() {
    return first;
  }

  /** Index behind the newest tag encoded. */
  public long next() {
    return next;
  }

  /** Bytes of direct memory held. */
  public long capacityBytes() {
    long sum = 0;
    for (Segment segment : segments) {
      sum += segment.bytes.capacity();
    }
    return sum;
  }

  /** Encodes all tags from {@link #next()} to the end of the timeline as one batch. */
  public void encode(Timeline timeline) {
    long end = timeline.next();
    int batchBytes = 0;
    for (long i = next; i < end; i++) {
      FlvTag tag = timeline.tag(i);
      batchBytes = Math.addExact(batchBytes, format.bytes(tag, tag.timestampMs()));
    }
    if (end == next) {
      return;
    }
    Segment segment = segmentFor(batchBytes);
    for (long i = next; i < end; i++) {
      append(segment, timeline.tag(i));
    }
  }

  /** Behind the last tag of a run that starts at {@code from}, lies in one segment and is short. */
  public long runEnd(long from, int maxBytes) {
    Segment segment = segmentOf[slot(from)];
    int start = startOf[slot(from)];
    long to = from + 1;
    while (to < next && segmentOf[slot(to)] == segment && endOf[slot(to)] - start <= maxBytes) {
      to++;
    }
    return to;
  }

  /** Bytes of {@code [from, to)}, which must lie in one segment. */
  public int bytes(long from, long to) {
    assert segmentOf[slot(from)] == segmentOf[slot(to - 1)];
    return endOf[slot(to - 1)] - startOf[slot(from)];
  }

  /** The bytes of {@code [from, to)}, which must lie in one segment. Returns retained. */
  public ByteBuf slice(long from, long to) {
    return segment(from).bytes.retainedSlice(startOf[slot(from)], bytes(from, to));
  }

  /** Copies one tag's bytes. */
  public void copy(long index, ByteBuf out) {
    int start = startOf[slot(index)];
    out.writeBytes(segment(index).bytes, start, endOf[slot(index)] - start);
  }

  /** Lets go of the tags before an index. */
  public void trim(long keep) {
    long to = Math.min(keep, next);
    while (first < to) {
      segmentOf[slot(first)] = null;
      first++;
    }
    while (!segments.isEmpty() && segments.getFirst().end <= first) {
      if (segments.getFirst() == running) {
        return; // it has room for more
      }
      segments.removeFirst().bytes.release();
    }
  }

  /** Releases everything. */
  public void release() {
    first = next;
    running = null;
    for (Segment segment : segments) {
      segment.bytes.release();
    }
    segments.clear();
  }

  private void append(Segment segment, FlvTag tag) {
    if (next - first == startOf.length) {
      grow();
    }
    int slot = slot(next);
    segmentOf[slot] = segment;
    startOf[slot] = segment.bytes.writerIndex();
    format.write(segment.bytes, tag, tag.timestampMs());
    endOf[slot] = segment.bytes.writerIndex();
    next++;
    segment.end = next;
  }

  private Segment segmentFor(int batchBytes) {
    Segment segment = running;
    if (segment != null && segment.bytes.writableBytes() >= batchBytes) {
      return segment;
    }
    long quarter = writtenBytes() / 4;
    int usual = (int) Math.max(SMALLEST_SEGMENT, Math.min(quarter, LARGEST_SEGMENT));
    int capacity = Math.max(usual, batchBytes);
    segment = new Segment(allocator.directBuffer(capacity, capacity));
    segments.addLast(segment);
    running = segment;
    return segment;
  }

  private long writtenBytes() {
    long sum = 0;
    for (Segment each : segments) {
      sum += each.bytes.writerIndex();
    }
    return sum;
  }

  private Segment segment(long index) {
    assert index >= first && index < next : index + " not in " + first + ".." + next;
    return Objects.requireNonNull(segmentOf[slot(index)]);
  }

  private int slot(long index) {
    return (int) index & (startOf.length - 1);
  }

  private void grow() {
    int wider = startOf.length * 2;
    @Nullable Segment[] movedSegments = new @Nullable Segment[wider];
    int[] movedStarts = new int[wider];
    int[] movedEnds = new int[wider];
    for (long i = first; i < next; i++) {
      int to = (int) i & (wider - 1);
      movedSegments[to] = segmentOf[slot(i)];
      movedStarts[to] = startOf[slot(i)];
      movedEnds[to] = endOf[slot(i)];
    }
    segmentOf = movedSegments;
    startOf = movedStarts;
    endOf = movedEnds;
  }

  /** One piece of direct memory and the index behind its newest tag. */
  private static final class Segment {
    final ByteBuf bytes;
    long end;

    Segment(ByteBuf bytes) {
      this.bytes = bytes;
    }
  }
}
