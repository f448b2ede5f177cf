package dev.sluice.media.flv;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * What must precede media, as in force at one place of a stream: metadata, the origin's mark
 * ({@link FlvTag#mark}), and of each track the sequence header and what describes it (HDR colours,
 * channel layout), each with the index at which it came, in that order.
 *
 * <p>The tags are small copies on the heap whose references are not counted ({@link #pinned}), so
 * an instance may be kept, shared and dropped freely. Bounded: past {@value #MAX_HEADERS} headers
 * or {@value #MAX_BYTES} bytes a further one is not kept. Immutable; any thread.
 */
public final class SequenceHeaders {
  static final int MAX_HEADERS = 64;
  static final int MAX_BYTES = 256 << 10;

  /** Of a stream from which no header came. */
  public static final SequenceHeaders NONE = new SequenceHeaders(new Entry[0], 0);

  /** One header and the index at which it came. */
  private record Entry(FlvTag tag, long index) {}

  private final Entry[] entries;
  private final int totalBytes;

  private SequenceHeaders(Entry[] entries, int totalBytes) {
    this.entries = entries;
    this.totalBytes = totalBytes;
  }

  /** A header, copied, whose references are not counted. Borrows {@code header}. */
  public static FlvTag pinned(FlvTag header) {
    return pinned(header.type(), header.timestampMs(), header.payload());
  }

  /** A header tag at a time, copied, whose references are not counted. Borrows {@code body}. */
  public static FlvTag pinned(TagType type, long timestampMs, ByteBuf body) {
    byte[] bytes = ByteBufUtil.getBytes(body);
    return new FlvTag(
        type, timestampMs, Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes)));
  }

  /**
   * Whether a tag belongs here rather than to the media: a sequence header, a description of a
   * track, onMetaData, or a mark.
   */
  public static boolean isHeader(FlvTag tag) {
    if (tag.payloadBytes() > MAX_BYTES) {
      return false;
    }
    return tag.sequenceHeader()
        || tag.description()
        || tag.mark()
        || (tag.script() && ScriptData.isMetadata(tag.payload()));
  }

  /** The headers in force after a tag: these, when it is none. Borrows it and keeps a copy. */
  public SequenceHeaders after(FlvTag tag) {
    return isHeader(tag) ? with(pinned(tag), 0) : this;
  }

  /**
   * These headers with one replaced or added; the same when there is no room for it.
   *
   * @param pinned a header made by {@link #pinned}
   * @param index at which it came
   */
  public SequenceHeaders with(FlvTag pinned, long index) {
    int at = find(pinned);
    int replaced = at < 0 ? 0 : entries[at].tag().payloadBytes();
    int bytes = totalBytes - replaced + pinned.payloadBytes();
    if (bytes > MAX_BYTES || (at < 0 && entries.length == MAX_HEADERS)) {
      return this;
    }
    Entry[] next = Arrays.copyOf(entries, at < 0 ? entries.length + 1 : entries.length);
    if (at >= 0) {
      // The newest goes last: what describes a track follows its sequence header.
      System.arraycopy(entries, at + 1, next, at, entries.length - at - 1);
    }
    next[next.length - 1] = new Entry(pinned, index);
    return new SequenceHeaders(next, bytes);
  }

  /**
   * The same for who joins while only these tracks flow: without the headers of others, and without
   * a word of them in the metadata.
   */
  public SequenceHeaders only(boolean audio, boolean video) {
    List<Entry> kept = new ArrayList<>(entries.length);
    int bytes = 0;
    for (Entry entry : entries) {
      boolean flows =
          switch (entry.tag().type()) {
            case SCRIPT -> true;
            case AUDIO -> audio;
            case VIDEO -> video;
          };
      if (flows) {
        FlvTag tag = entry.tag().script() ? metadata(entry.tag(), audio, video) : entry.tag();
        kept.add(new Entry(tag, entry.index()));
        bytes += tag.payloadBytes();
      }
    }
    return new SequenceHeaders(kept.toArray(new Entry[0]), bytes);
  }

  /**
   * The same without the mark, if that came at an index or later.
   *
   * @param fromIndex {@link Long#MIN_VALUE} leaves it out wherever it came
   */
  public SequenceHeaders withoutMark(long fromIndex) {
    for (int i = 0; i < entries.length; i++) {
      Entry entry = entries[i];
      if (entry.tag().mark() && entry.index() >= fromIndex) {
        Entry[] rest = new Entry[entries.length - 1];
        System.arraycopy(entries, 0, rest, 0, i);
        System.arraycopy(entries, i + 1, rest, i, rest.length - i);
        return new SequenceHeaders(rest, totalBytes - entry.tag().payloadBytes());
      }
    }
    return this;
  }

  private static FlvTag metadata(FlvTag tag, boolean audio, boolean video) {
    if (tag.mark()) {
      return tag;
    }
    try {
      ScriptData script = ScriptData.decode(tag.payload(), AmfLimits.DEFAULT);
      if (script == null) {
        return tag;
      }
      ScriptData told = script.withTracks(audio, video);
      if (told.properties().equals(script.properties())) {
        return tag;
      }
      ByteBuf body = told.encode(ByteBufAllocator.DEFAULT);
      try {
        return pinned(tag.type(), tag.timestampMs(), body);
      } finally {
        body.release();
      }
    } catch (AmfException e) {
      return tag; // as it came
    }
  }

  /** The headers of one kind of track, in the order in which they came. */
  public List<FlvTag> of(TagType type) {
    List<FlvTag> found = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.tag().type() == type) {
        found.add(entry.tag());
      }
    }
    return found;
  }

  /** Whether there is a header of the same kind and track. */
  public boolean has(FlvTag tag) {
    return find(tag) >= 0;
  }

  /** Whether that header has equal bytes. */
  public boolean holds(FlvTag tag) {
    int at = find(tag);
    return at >= 0 && ByteBufUtil.equals(entries[at].tag().payload(), tag.payload());
  }

  private int find(FlvTag tag) {
    int kind = tag.headerKind();
    for (int i = 0; i < entries.length; i++) {
      if (entries[i].tag().headerKind() == kind) {
        return i;
      }
    }
    return -1;
  }

  /** Payload bytes of all of them. */
  public int bytes() {
    return totalBytes;
  }

  /** Shows all in the order in which they go before media: metadata, then video, then audio. */
  public void forEach(Consumer<FlvTag> to) {
    forEach(Long.MIN_VALUE, to);
  }

  /** Shows those that came at an index or later, in the same order. */
  public void forEach(long fromIndex, Consumer<FlvTag> to) {
    forEach(TagType.SCRIPT, fromIndex, to);
    forEach(TagType.VIDEO, fromIndex, to);
    forEach(TagType.AUDIO, fromIndex, to);
  }

  private void forEach(TagType type, long fromIndex, Consumer<FlvTag> to) {
    for (Entry entry : entries) {
      if (entry.tag().type() == type && entry.index() >= fromIndex) {
        to.accept(entry.tag());
      }
    }
  }
}
