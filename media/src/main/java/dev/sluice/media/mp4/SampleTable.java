package dev.sluice.media.mp4;

import dev.sluice.media.mp4.Mp4Exception.Reason;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the samples of a track lie in the file and in time, as its tables say (ISO/IEC 14496-12
 * sections 8.6 and 8.7), kept as short as they are there.
 *
 * <pre>
 * stts runs of equal durations        ctts runs of equal composition offsets
 * stsz sizes                          stss numbers of those that need no other; absent: all
 * stsc runs of chunks with equally many samples       stco, co64 where chunks begin
 * </pre>
 *
 * <p>Pure; immutable.
 */
final class SampleTable {
  /** Most samples of a track: a day of 60 pictures a second would be 5 million. */
  static final int MAX_SAMPLES = 1 << 22;

  private static final int MAX_TABLE_ENTRIES = 1 << 22;

  /** Samples between two of the sums by which one is found in a long chunk: a power of 2. */
  private static final int STRIDE = 256;

  private final int count;
  private final int equalBytes;
  private final int[] bytes;
  private final long[] sums;
  private final int[] timeFirst;
  private final long[] timeAt;
  private final long[] timeEach;
  private final int[] shiftFirst;
  private final int[] shifts;
  private final int @Nullable [] sync;
  private final int[] runFirst;
  private final int[] runChunk;
  private final int[] runEach;
  private final long[] chunks;

  private SampleTable(BoxReader stbl) {
    BoxReader stsz = stbl.get("stsz").skip(4);
    equalBytes = size(stsz.u32());
    count =
        equalBytes == 0
            ? bounded(stsz.count(4), MAX_SAMPLES, "samples")
            : bounded(stsz.u32(), MAX_SAMPLES, "samples");
    bytes = new int[equalBytes == 0 ? count : 0];
    sums = new long[bytes.length / STRIDE + 1];
    long sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (i % STRIDE == 0) {
        sums[i / STRIDE] = sum;
      }
      bytes[i] = size(stsz.u32());
      sum += bytes[i];
    }
    BoxReader stts = stbl.get("stts").skip(4);
    int runs = bounded(stts.count(8), MAX_TABLE_ENTRIES, "durations");
    timeFirst = new int[runs];
    timeAt = new long[runs];
    timeEach = new long[runs];
    readTimes(stts);
    BoxReader ctts = stbl.find("ctts");
    int shifted =
        ctts == null ? 0 : bounded(ctts.skip(4).count(8), MAX_TABLE_ENTRIES, "composition offsets");
    shiftFirst = new int[shifted];
    shifts = new int[shifted];
    if (ctts != null) {
      readShifts(ctts);
    }
    BoxReader stss = stbl.find("stss");
    sync = stss == null ? null : readSync(stss.skip(4));
    BoxReader stco = stbl.find("stco");
    BoxReader offsets = stco == null ? stbl.get("co64") : stco;
    int each = stco == null ? 8 : 4;
    chunks = new long[bounded(offsets.skip(4).count(each), MAX_TABLE_ENTRIES, "chunks")];
    for (int i = 0; i < chunks.length; i++) {
      chunks[i] = each == 8 ? offsets.u63() : offsets.u32();
    }
    BoxReader stsc = stbl.get("stsc").skip(4);
    int chunkRuns = bounded(stsc.count(12), MAX_TABLE_ENTRIES, "runs of chunks");
    runFirst = new int[chunkRuns];
    runChunk = new int[chunkRuns];
    runEach = new int[chunkRuns];
    readChunkRuns(stsc);
  }

  /** Reads the tables of a track. */
  static SampleTable read(BoxReader stbl) {
    return new SampleTable(stbl);
  }

  private static int bounded(long value, int most, String what) {
    if (value > most) {
      throw new Mp4Exception(
          Reason.TOO_MANY, what + ": " + value + " (expected: at most " + most + ")");
    }
    return (int) value;
  }

  private static int size(long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new Mp4Exception(
          Reason.TOO_MANY, "sample: " + bytes + " bytes (expected: at most 2147483647)");
    }
    return (int) bytes;
  }

  private void readTimes(BoxReader stts) {
    long at = 0;
    long sample = 0;
    for (int i = 0; i < timeFirst.length; i++) {
      long some = Math.min(stts.u32(), count - sample);
      timeFirst[i] = (int) sample;
      timeAt[i] = at;
      timeEach[i] = stts.u32();
      at += some * timeEach[i]; // below 2^54
      sample += some;
    }
    all("durations", sample);
  }

  private void readShifts(BoxReader ctts) {
    long sample = 0;
    for (int i = 0; i < shiftFirst.length; i++) {
      long some = Math.min(ctts.u32(), count - sample);
      shiftFirst[i] = (int) sample;
      shifts[i] = ctts.s32(); // version 0 has no sign, and none above 2^31 in any file
      sample += some;
    }
  }

  private int[] readSync(BoxReader stss) {
    int[] numbers = new int[bounded(stss.count(4), MAX_TABLE_ENTRIES, "sync samples")];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (int) Math.min(stss.u32(), Integer.MAX_VALUE) - 1;
      if (numbers[i] < 0 || (i > 0 && numbers[i] <= numbers[i - 1])) {
        throw new Mp4Exception(
            Reason.CONTRADICTION,
            "sync sample " + i + ": number " + (numbers[i] + 1L) + " (expected: rising from 1)");
      }
    }
    return numbers;
  }

  private void readChunkRuns(BoxReader stsc) {
    long sample = 0;
    for (int i = 0; i < runFirst.length; i++) {
      long chunk = stsc.u32() - 1;
      long each = stsc.u32();
      stsc.skip(4);
      if (i > 0) {
        long before = chunk - runChunk[i - 1];
        if (before <= 0) {
          throw new Mp4Exception(
              Reason.CONTRADICTION, "run of chunks: " + (chunk + 1) + " (expected: rising from 1)");
        }
        sample += Math.min(before, chunks.length) * runEach[i - 1];
      } else if (chunk != 0) {
        throw new Mp4Exception(
            Reason.CONTRADICTION, "first chunk: " + (chunk + 1) + " (expected: 1)");
      }
      if (each == 0 || chunk >= chunks.length) {
        throw new Mp4Exception(
            Reason.CONTRADICTION,
            "chunk "
                + (chunk + 1)
                + " with "
                + each
                + " samples (expected: some, and one of "
                + chunks.length
                + " chunks)");
      }
      runFirst[i] = (int) Math.min(sample, count);
      runChunk[i] = (int) chunk;
      runEach[i] = (int) Math.min(each, MAX_SAMPLES);
    }
    if (runFirst.length > 0) {
      int last = runFirst.length - 1;
      sample = runFirst[last] + (long) (chunks.length - runChunk[last]) * runEach[last];
    }
    all("chunks", sample);
  }

  private void all(String table, long samples) {
    if (samples < count) {
      throw new Mp4Exception(
          Reason.CONTRADICTION,
          table + ": for " + samples + " samples (expected: for " + count + ")");
    }
  }

  /** Samples. */
  int count() {
    return count;
  }

  /** When a sample is decoded, in units of the track. */
  long decode(int number) {
    int run = floor(timeFirst, number);
    return timeAt[run] + (number - timeFirst[run]) * timeEach[run];
  }

  /** When the last sample ends. */
  long end() {
    if (count == 0) {
      return 0;
    }
    return decode(count - 1) + timeEach[floor(timeFirst, count - 1)];
  }

  private static int floor(int[] values, int wanted) {
    int found = Arrays.binarySearch(values, wanted);
    if (found < 0) {
      return Math.max(0, -found - 2);
    }
    while (found + 1 < values.length && values[found + 1] == wanted) {
      found++; // runs of no samples come before
    }
    return found;
  }

  /** What the tables have in memory, about. */
  long heldBytes() {
    long entries =
        (long) bytes.length
            + timeFirst.length * 5L
            + shifts.length * 2L
            + (sync == null ? 0 : sync.length)
            + runFirst.length * 3L
            + (chunks.length + sums.length) * 2L;
    return entries * Integer.BYTES;
  }

  /** Whether a sample needs no other. */
  boolean sync(int number) {
    return sync == null || Arrays.binarySearch(sync, number) >= 0;
  }

  /** The first sample at or behind a number that needs no other; {@link #count} without one. */
  int nextSync(int number) {
    if (sync == null) {
      return number;
    }
    int found = Arrays.binarySearch(sync, number);
    int at = found < 0 ? -found - 1 : found;
    return at < sync.length ? Math.min(sync[at], count) : count;
  }

  private int bytes(int number) {
    return equalBytes == 0 ? bytes[number] : equalBytes;
  }

  /** Bytes of all samples before one. */
  private long bytesBefore(int number) {
    if (equalBytes != 0) {
      return (long) equalBytes * number;
    }
    int from = number / STRIDE;
    long sum = sums[from];
    for (int i = from * STRIDE; i < number; i++) {
      sum += bytes[i];
    }
    return sum;
  }

  /** Shows the samples from one up to another, in their order. */
  void forEach(int from, int to, Consumer<Sample> taker) {
    if (from >= to) {
      return;
    }
    int run = floor(runFirst, from);
    int inRun = from - runFirst[run];
    int chunk = runChunk[run] + inRun / runEach[run];
    int first = from - inRun % runEach[run];
    long at = chunks[chunk] + bytesBefore(from) - bytesBefore(first);
    int left = runEach[run] - inRun % runEach[run];
    int time = floor(timeFirst, from);
    int shift = shiftFirst.length == 0 ? -1 : floor(shiftFirst, from);
    for (int i = from; i < to; i++) {
      if (left == 0) {
        chunk++;
        while (run + 1 < runChunk.length && runChunk[run + 1] <= chunk) {
          run++;
        }
        left = runEach[run];
        at = chunks[chunk];
      }
      while (time + 1 < timeFirst.length && timeFirst[time + 1] <= i) {
        time++;
      }
      while (shift >= 0 && shift + 1 < shiftFirst.length && shiftFirst[shift + 1] <= i) {
        shift++;
      }
      long decode = timeAt[time] + (i - timeFirst[time]) * timeEach[time];
      taker.accept(new Sample(at, bytes(i), decode, shift < 0 ? 0 : shifts[shift], sync(i)));
      at += bytes(i);
      left--;
    }
  }
}
