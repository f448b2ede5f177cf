package dev.sluice.media.hls.live;

import dev.sluice.media.segment.SegmentMark;
import java.util.ArrayDeque;
import java.util.function.BiConsumer;

/**
 * The parts of the segment at hand, from its first on, which nobody has wanted yet. Their tags are
 * those of the GOP that the stream keeps for who joins, so to hold them takes hardly any memory.
 *
 * <p>Ownership: owns the parts, and with them the tags.
 *
 * <p>Threading: confined to the stream's loop.
 */
final class HeldParts {
  /** A segment that is larger is not held. */
  private static final long MOST_BYTES = 16 << 20;

  private record Held(OpenPart part, SegmentMark ends) {}

  private final ArrayDeque<Held> parts = new ArrayDeque<>();
  private long bytes;

  /** Adds the next part. Takes ownership. Nothing stays of a segment that is over or too large. */
  void add(OpenPart part, SegmentMark ends) {
    boolean follows = part.begins().part() == 0 || leadTo(part.begins());
    if (part.begins().part() == 0) {
      clear();
    }
    parts.add(new Held(part, ends));
    bytes += part.bytes();
    if (!follows || ends.msn() != part.begins().msn() || bytes > MOST_BYTES) {
      clear();
    }
  }

  /** Whether all parts of a mark's segment that are before the mark are here. */
  boolean leadTo(SegmentMark mark) {
    Held last = parts.peekLast();
    return last != null
        && last.ends().incarnation() == mark.incarnation()
        && last.ends().msn() == mark.msn()
        && last.ends().part() == mark.part();
  }

  /** Hands all of them over with the marks that end them, and ownership with them. */
  void take(BiConsumer<OpenPart, SegmentMark> to) {
    for (Held next = parts.poll(); next != null; next = parts.poll()) {
      to.accept(next.part(), next.ends());
    }
    bytes = 0;
  }

  /** Lets go of all. */
  void clear() {
    parts.forEach(one -> one.part().release());
    parts.clear();
    bytes = 0;
  }
}
