package dev.sluice.media.live.timeline;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must precede media, as in force at one place of a timeline: metadata, and of each track the
 * sequence header and what describes it (HDR colours, channel layout), each with the index at which
 * it came, in that order.
 *
 * <p>The tags are small copies on the heap whose references are not counted ({@link #pinned}), so
 * an instance may be kept, shared and dropped freely. Bounded: past {@value #MAX_HEADERS} headers
 * or {@value #MAX_BYTES} bytes a further one is not kept. Immutable; any thread.
 */
public final class SequenceHeaders {
  static final int MAX_HEADERS = 64;
  static final int MAX_BYTES = 256 << 10;

  /**
   * Metadata bears time 0 whenever a viewer joins: ffmpeg takes one at any other time for the first
   * packet of a subtitle track and then waits for more of them.
   */
  private static final long METADATA_TIME_MS = 0;

  public static final SequenceHeaders NONE = new SequenceHeaders(new Entry[0], 0);

  /** One header and the index at which it came. */
  private record Entry(FlvTag tag, long index) {}

  private final Entry[] entries;
  private final int totalBytes;

  private SequenceHeaders(Entry[] entries, int totalBytes) {
    this.entries = entries;
    this.totalBytes = totalBytes;
  }

  /** A header tag at a time, copied, whose references are not counted. Borrows {@code body}. */
  public static FlvTag pinned(TagType type, long timestampMs, ByteBuf body) {
    byte[] bytes = ByteBufUtil.getBytes(body);
    return new FlvTag(
        type, timestampMs, Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes)));
  }

  /**
   * Whether a tag belongs here rather than to the media: a sequence header, a description of a
   * track, or onMetaData.
   */
  public static boolean isHeader(FlvTag tag) {
    if (tag.payloadBytes() > MAX_BYTES) {
      return false;
    }
    return tag.sequenceHeader()
        || tag.description()
        || (tag.script() && ScriptData.isMetadata(tag.payload()));
  }

  /** These headers with one replaced or added. */
  SequenceHeaders with(FlvTag pinned, long index) {
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
  SequenceHeaders only(boolean audio, boolean video) {
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

  private static FlvTag metadata(FlvTag tag, boolean audio, boolean video) {
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

  /** Whether the header in force of the same kind and track has equal bytes. */
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

  @Nullable FlvTag metadata() {
    return first(TagType.SCRIPT);
  }

  @Nullable FlvTag video() {
    return first(TagType.VIDEO);
  }

  @Nullable FlvTag audio() {
    return first(TagType.AUDIO);
  }

  private @Nullable FlvTag first(TagType type) {
    for (Entry entry : entries) {
      if (entry.tag().type() == type) {
        return entry.tag();
      }
    }
    return null;
  }

  /** Bytes that {@link #write} writes. */
  public int bytes(WireFormat format, long fromIndex, long timestampMs) {
    int sum = 0;
    for (Entry entry : entries) {
      if (entry.index() >= fromIndex) {
        sum += format.bytes(entry.tag(), timeOf(entry.tag(), timestampMs));
      }
    }
    return sum;
  }

  /**
   * Writes those headers that came at an index or later: metadata, then video, then audio.
   *
   * @param fromIndex {@link Long#MIN_VALUE} writes all
   * @param timestampMs the time put on sequence headers: that of the tag they go before
   */
  public void write(WireFormat format, ByteBuf out, long fromIndex, long timestampMs) {
    write(TagType.SCRIPT, format, out, fromIndex, timestampMs);
    write(TagType.VIDEO, format, out, fromIndex, timestampMs);
    write(TagType.AUDIO, format, out, fromIndex, timestampMs);
  }

  private void write(
      TagType type, WireFormat format, ByteBuf out, long fromIndex, long timestampMs) {
    for (Entry entry : entries) {
      if (entry.tag().type() == type && entry.index() >= fromIndex) {
        format.write(out, entry.tag(), timeOf(entry.tag(), timestampMs));
      }
    }
  }

  private static long timeOf(FlvTag tag, long timestampMs) {
    return tag.script() ? METADATA_TIME_MS : timestampMs;
  }
}
