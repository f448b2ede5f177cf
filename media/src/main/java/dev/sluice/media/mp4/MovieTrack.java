package dev.sluice.media.mp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.mp4.Mp4Exception.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A track of an MP4 file: how its samples are coded, and where they lie.
 *
 * <p>An edit list may say that the track begins later, or that it begins at another place of its
 * own clock: that is what encoders write, and is in the times here. One that plays several pieces
 * is refused.
 *
 * <p>Pure; immutable.
 */
public final class MovieTrack {
  private static final int MAX_EDITS = 64;
  private static final int RATE_ONE = 1 << 16;
  private static final long MAX_EDIT_MS = 1L << 40;

  /** A year: what is longer has a clock that cannot be meant. */
  private static final long MAX_LENGTH_MS = 366L * 24 * 3600 * 1000;

  private final SampleEntry entry;
  private final SampleTable table;
  private final long timescale;
  private final long originUnits;
  private final long delayMs;

  private MovieTrack(
      SampleEntry entry, SampleTable table, long timescale, long originUnits, long delayMs) {
    this.entry = entry;
    this.table = table;
    this.timescale = timescale;
    this.originUnits = originUnits;
    this.delayMs = delayMs;
  }

  /** The handler's four characters. */
  static String kind(BoxReader trak) {
    BoxReader hdlr = trak.get("mdia", "hdlr").skip(8);
    return new String(hdlr.bytes(4), StandardCharsets.ISO_8859_1);
  }

  /** Units a second, of mvhd and mdhd alike. */
  static long timescale(BoxReader header) {
    int version = header.versionAndFlags() >>> 24;
    long timescale = header.skip(version == 1 ? 16 : 8).u32();
    if (timescale == 0) {
      throw new Mp4Exception(
          Reason.CONTRADICTION, "box " + header.type() + ": timescale 0 (expected: above 0)");
    }
    return timescale;
  }

  static MovieTrack read(BoxReader trak, long movieTimescale, long fileBytes) {
    BoxReader stbl = trak.get("mdia", "minf", "stbl");
    SampleEntry entry = SampleEntry.read(stbl.get("stsd"));
    long timescale = timescale(trak.get("mdia", "mdhd"));
    SampleTable table = SampleTable.read(stbl);
    table.forEach(
        0,
        table.count(),
        sample -> {
          if (sample.position() > fileBytes - sample.bytes()) {
            throw new Mp4Exception(
                Reason.CUT_SHORT,
                "sample at "
                    + sample.position()
                    + ": "
                    + sample.bytes()
                    + " bytes (expected: within the file's "
                    + fileBytes
                    + ")");
          }
        });
    long lengthMs = millis(Math.min(table.end(), 1L << 52), timescale);
    if (lengthMs > MAX_LENGTH_MS) {
      throw new Mp4Exception(
          Reason.CONTRADICTION,
          "track: " + lengthMs + " ms (expected: at most " + MAX_LENGTH_MS + ")");
    }
    if (table.count() > 1 && table.end() == 0) {
      throw new Mp4Exception(
          Reason.CONTRADICTION,
          "durations of " + table.count() + " samples: 0 (expected: some above 0)");
    }
    BoxReader elst = trak.find("edts", "elst");
    return elst == null
        ? new MovieTrack(entry, table, timescale, 0, 0)
        : edited(elst, entry, table, timescale, movieTimescale);
  }

  private static MovieTrack edited(
      BoxReader elst, SampleEntry entry, SampleTable table, long timescale, long movieTimescale) {
    boolean wide = elst.versionAndFlags() >>> 24 == 1;
    int edits = elst.count(wide ? 20 : 12);
    long delayUnits = 0;
    long origin = -1;
    for (int i = 0; i < edits && i < MAX_EDITS; i++) {
      long duration = wide ? elst.u63() : elst.u32();
      long from = wide ? elst.s64() : elst.s32();
      int rate = elst.s32();
      if (from < 0 && origin < 0) {
        delayUnits = Math.min(delayUnits + Math.min(duration, 1L << 50), 1L << 52);
      } else if (from < 0 || origin >= 0 || rate != RATE_ONE) {
        throw new Mp4Exception(
            Reason.NOT_READ,
            "edit list: "
                + edits
                + " edits (expected: none that leaves out, repeats or slows a piece)");
      } else {
        origin = from;
      }
    }
    long delayMs = millis(delayUnits, movieTimescale);
    if (delayMs > MAX_EDIT_MS || origin > 1L << 52) {
      throw new Mp4Exception(
          Reason.CONTRADICTION, "edit list: begins at " + delayMs + " ms (expected: earlier)");
    }
    return new MovieTrack(entry, table, timescale, Math.max(0, origin), delayMs);
  }

  /** Whether it has pictures. */
  public boolean video() {
    return entry.form().video();
  }

  /** The sequence header, pinned; null of codecs that have none: any frame stands for it. */
  public @Nullable FlvTag header() {
    return entry.header();
  }

  /** Samples. */
  public int count() {
    return table.count();
  }

  /** What it has in memory, about. */
  long heldBytes() {
    return table.heldBytes();
  }

  /** When a sample is decoded, in milliseconds of the film; before 0 for what is only decoded. */
  public long timeMs(int number) {
    return timeMs(table.decode(number));
  }

  /** When the last sample ends, in milliseconds of the film. */
  public long endMs() {
    return timeMs(table.end());
  }

  private long timeMs(long units) {
    return delayMs + millis(units - originUnits, timescale);
  }

  /**
   * When a sample is decoded in ticks of another clock, counted from a time before the film began.
   *
   * @param rate ticks a second
   * @param baseMs how long before
   */
  public long ticks(Sample sample, int rate, long baseMs) {
    long units = sample.decode() - originUnits;
    long whole = Math.floorDiv(units, timescale);
    long rest = Math.floorMod(units, timescale);
    return (delayMs + baseMs) * rate / 1000
        + whole * rate
        + (rest * rate + timescale / 2) / timescale;
  }

  /** The first sample at or behind a number at which playing can start; {@link #count} = none. */
  public int nextSync(int number) {
    return table.nextSync(number);
  }

  /** The first sample at or after a time of the film; {@link #count} without one. */
  public int firstFrom(long timeMs) {
    int low = 0;
    int high = count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (timeMs(middle) < timeMs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Shows the samples from one up to another, in their order. */
  public void forEach(int from, int to, Consumer<Sample> taker) {
    table.forEach(from, to, taker);
  }

  /**
   * A sample as a tag, which the caller owns; it has a copy of the bytes on the heap.
   *
   * @param baseMs added to its time
   * @param in borrowed
   * @param at where the sample is in it, as an index
   */
  public FlvTag tag(Sample sample, long baseMs, ByteBuf in, int at) {
    long timeMs = baseMs + timeMs(sample.decode());
    long shownMs = baseMs + timeMs(sample.decode() + sample.shift());
    return entry
        .form()
        .frame(timeMs, (int) (shownMs - timeMs), sample.sync(), in, at, sample.bytes());
  }

  private static long millis(long units, long timescale) {
    long whole = Math.floorDiv(units, timescale);
    long rest = Math.floorMod(units, timescale);
    return whole * 1000 + (rest * 1000 + timescale / 2) / timescale;
  }
}
