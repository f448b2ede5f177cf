package dev.sluice.media.hls.live;

import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The parts, segments and initializations of one run of a stream that this server has made. A
 * segment is its parts, one behind the other.
 *
 * <p>Threading: filled and emptied on the stream's loop; read on any. The maps are concurrent for
 * that, and what is in them is replaced as a whole.
 */
final class KeptMedia {
  private static final int MOST_INITS = 64;

  private final long incarnation;
  private final MediaMemory memory;
  private final HlsMuxer muxer;
  private final ConcurrentSkipListMap<Long, Kept> segments = new ConcurrentSkipListMap<>();
  private final ConcurrentHashMap<Long, byte[]> inits = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Long, SharedBytes> ts = new ConcurrentHashMap<>();
  private long bytes;
  private volatile boolean released;

  /** What there is of a segment: null for a part that could not be made. */
  private record Kept(
      long config, List<@Nullable SharedBytes> parts, boolean whole, long endMs, long bytes) {
    @Nullable SharedBytes part(int number) {
      return number < parts.size() ? parts.get(number) : null;
    }
  }

  /** Nothing is kept. */
  KeptMedia(long incarnation, MediaMemory memory, HlsMuxer muxer) {
    this.incarnation = incarnation;
    this.memory = memory;
    this.muxer = muxer;
  }

  long incarnation() {
    return incarnation;
  }

  // ---- on the stream's loop

  /** Keeps the part of a mark, and marks its segment whole if it is the last. Takes ownership. */
  void add(SegmentMark mark, @Nullable SharedBytes part, boolean last, long endMs) {
    long msn = mark.msn();
    int number = mark.part();
    Kept before = segments.get(msn);
    if (released || (before != null && before.part(number) != null)) {
      if (part != null) {
        part.release();
      }
      return;
    }
    List<@Nullable SharedBytes> parts =
        before == null ? new ArrayList<>() : new ArrayList<>(before.parts());
    while (parts.size() <= number) {
      parts.add(null);
    }
    parts.set(number, part);
    long size = part == null ? 0 : part.size();
    long sum = (before == null ? 0 : before.bytes()) + size;
    segments.put(msn, new Kept(mark.config(), parts, last, endMs, sum));
    bytes += size;
    memory.add(size);
  }

  void init(long config, byte[] init) {
    if (inits.size() < MOST_INITS) {
      inits.put(config, init);
    }
  }

  boolean hasInit(long config) {
    return inits.containsKey(config);
  }

  /** An initialization, not to be changed; null when there is none. */
  byte @Nullable [] init(long config) {
    return inits.get(config);
  }

  /** Number of the first segment; 0 when there is none. */
  long firstMsn() {
    return segments.isEmpty() ? 0 : segments.firstKey();
  }

  /** Whether there is all of a segment. */
  boolean hasSegment(long msn) {
    Kept kept = segments.get(msn);
    return kept != null && kept.whole() && !kept.parts().contains(null);
  }

  /**
   * Lets go of what is too old, and of more where memory is short.
   *
   * @param beforeMs stream time: segments that ended before it go
   * @return number of the first segment that is left
   */
  long trim(long beforeMs) {
    while (segments.size() > 1) {
      Kept oldest = segments.firstEntry().getValue();
      if (oldest.endMs() >= beforeMs && !memory.isTooMuch(bytes)) {
        break;
      }
      drop(segments.pollFirstEntry());
    }
    return segments.isEmpty() ? 0 : segments.firstKey();
  }

  /** Lets go of everything; nothing is kept from now on. */
  void release() {
    released = true;
    for (Map.Entry<Long, Kept> each; (each = segments.pollFirstEntry()) != null; ) {
      drop(each);
    }
  }

  private void drop(Map.Entry<Long, Kept> entry) {
    Kept kept = entry.getValue();
    dropTs(entry.getKey());
    bytes -= kept.bytes();
    memory.add(-kept.bytes());
    for (SharedBytes part : kept.parts()) {
      if (part != null) {
        part.release();
      }
    }
  }

  private void dropTs(long msn) {
    SharedBytes made = ts.remove(msn);
    if (made != null) {
      memory.add(-made.size());
      made.release();
    }
  }

  // ---- on any thread

  /** What an address names, which the caller owns; null when it is not here. */
  @Nullable ByteBuf take(HlsPath path) {
    if (path.incarnation() != incarnation) {
      return null;
    }
    return switch (path) {
      case HlsPath.Init(long run, long config) -> {
        byte[] init = inits.get(config);
        yield init == null ? null : Unpooled.wrappedBuffer(init);
      }
      case HlsPath.Part(long run, long msn, int number) -> {
        Kept kept = segments.get(msn);
        SharedBytes part = kept == null ? null : kept.part(number);
        yield part == null ? null : part.take();
      }
      case HlsPath.Segment(long run, long msn) -> {
        Kept kept = segments.get(msn);
        yield kept == null || !kept.whole() ? null : joined(kept);
      }
      case HlsPath.Ts(long run, long msn) -> {
        SharedBytes made = ts.get(msn);
        ByteBuf view = made == null ? null : made.take();
        yield view == null ? makeTs(msn) : view;
      }
    };
  }

  private static @Nullable ByteBuf joined(Kept kept) {
    CompositeByteBuf all = Unpooled.compositeBuffer(Math.max(2, kept.parts().size()));
    for (SharedBytes part : kept.parts()) {
      ByteBuf view = part == null ? null : part.take();
      if (view == null) {
        all.release();
        return null;
      }
      all.addComponent(true, view);
    }
    return all;
  }

  /** Makes a segment in MPEG-TS of that in MP4, and keeps it for as long as that. */
  private @Nullable ByteBuf makeTs(long msn) {
    Kept kept = segments.get(msn);
    byte[] init = kept == null ? null : inits.get(kept.config());
    ByteBuf whole = kept == null || init == null || !kept.whole() ? null : joined(kept);
    if (whole == null || init == null) {
      return null;
    }
    ByteBuf bytes;
    try {
      bytes = muxer.ts(init, whole);
    } finally {
      whole.release();
    }
    if (bytes == null) {
      return null;
    }
    SharedBytes made = new SharedBytes(bytes);
    ByteBuf view = made.take();
    memory.add(made.size());
    if (ts.putIfAbsent(msn, made) != null) { // another loop was as fast
      memory.add(-made.size());
      made.release();
    } else if (!segments.containsKey(msn)) {
      dropTs(msn);
    }
    return view;
  }
}
