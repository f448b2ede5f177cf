package dev.sluice.edge.cache.disk;

import dev.sluice.chassis.config.ByteSize;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a {@link SlotStore}: segments with the data, {@code slots.meta} with one record for
 * each slot. Numbers are big-endian.
 *
 * <pre>
 * slots.meta   0  header, 4096 bytes: magic 8, format 4, slice size 4, slot count 4
 *           4096  record of slot 0, 128 bytes
 *           4224  record of slot 1 ...
 *
 * record       0  magic 4
 *              4  slice number 4
 *              8  key, high half 8
 *             16  key, low half 8
 *             24  generation 8, grows with every write
 *             32  length of the data 4
 *             36  CRC32C of the data 4
 *             40  zero
 *            124  CRC32C of bytes 0 to 123
 * </pre>
 *
 * <p>Data is written before its record, without fsync: a record whose data never reached the disk
 * is caught by its checksum.
 *
 * <p>A slot gets new pages before it is written again, since sockets may still hold those of the
 * slice before ({@code docs/decisions/0006}). Slots begin at multiples of 2 MiB, the largest page
 * that the page cache keeps, so that no page belongs to two of them.
 *
 * <p>Threading: writing is for the disk thread, reading and {@link #segment} for any.
 */
public final class SlotFiles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SlotFiles.class);
  private static final long MAGIC = 0x534C554943454341L;
  private static final int FORMAT = 2;
  private static final int RECORD_MAGIC = 0x534C4F54;
  private static final int HEADER_BYTES = 4096;
  public static final int RECORD_BYTES = 128;
  private static final int CRC_AT = 124;
  private static final long SEGMENT_BYTES = 1L << 30;

  /** Slots lie at multiples of this. */
  public static final int SLOT_ALIGNMENT = 2 << 20;

  /** A record as it was read. */
  record Entry(int index, SliceKey key, long generation, int length, int crc) {}

  private final int sliceSize;
  private final int slotSize;
  private final int slots;
  private final int slotsPerSegment;
  private final FileChannel meta;
  private final List<FileChannel> segments;
  private final List<NativeFile> natives = new ArrayList<>();
  private final List<Residency> residency = new ArrayList<>();
  private final ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
  private final boolean renewsPages;

  private SlotFiles(
      int sliceSize,
      int slots,
      int slotsPerSegment,
      boolean renewsPages,
      FileChannel meta,
      List<FileChannel> segments) {
    this.sliceSize = sliceSize;
    this.slotSize = slotSize(sliceSize);
    this.renewsPages = renewsPages;
    this.slots = slots;
    this.slotsPerSegment = slotsPerSegment;
    this.meta = meta;
    this.segments = segments;
  }

  /**
   * Opens or makes the files and takes their disk space; blocks.
   *
   * @throws IOException also when another process uses the directory, or when it was filled with
   *     another slice size; the message says what to do
   */
  static SlotFiles open(Path dir, long sizeBytes, int sliceSize) throws IOException {
    int slotSize = slotSize(sliceSize);
    int slots = slots(sizeBytes, sliceSize);
    int perSegment = (int) Math.max(1, SEGMENT_BYTES / slotSize);
    Files.createDirectories(dir);
    List<FileChannel> segments = new ArrayList<>();
    FileChannel meta = openFile(dir.resolve("slots.meta"));
    try {
      lock(meta, dir);
      int before = slotsBefore(meta, sliceSize, dir);
      if (slots < before) {
        // The records go first: none is left that points to a place that is gone.
        writeHeader(meta, sliceSize, slots);
      }
      for (int first = 0; first < slots; first += perSegment) {
        Path path = dir.resolve(segmentName(segments.size()));
        long bytes = (long) Math.min(perSegment, slots - first) * slotSize;
        Preallocation.ensure(path, bytes);
        segments.add(openFile(path));
      }
      deleteSegments(dir, segments.size());
      boolean renews = NativeFile.renewsPagesIn(dir);
      SlotFiles files = new SlotFiles(sliceSize, slots, perSegment, renews, meta, segments);
      writeHeader(meta, sliceSize, slots);
      if (before > 0 && before != slots) {
        log.info(
            "cache resized dir={} slotsBefore={} slots={} kept=\"{}\"",
            dir,
            before,
            slots,
            slots > before ? "all slices" : "the slices of the first " + slots + " slots");
      }
      for (int i = 0; i < segments.size(); i++) {
        Path path = dir.resolve(segmentName(i));
        NativeFile file = NativeFile.open(path);
        files.natives.add(file);
        files.residency.add(new Residency(file, path));
      }
      return files;
    } catch (IOException | RuntimeException e) {
      meta.close();
      for (FileChannel segment : segments) {
        segment.close();
      }
      throw e;
    }
  }

  static int slots(long sizeBytes, int sliceSize) {
    return Math.toIntExact(Math.max(1, sizeBytes / slotSize(sliceSize)));
  }

  private static int slotSize(int sliceSize) {
    return Math.ceilDiv(sliceSize, SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
  }

  private static String segmentName(int number) {
    return "slots-%04d.data".formatted(number);
  }

  private static FileChannel openFile(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  private static void lock(FileChannel meta, Path dir) throws IOException {
    FileLock lock;
    try {
      lock = meta.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException("the cache directory " + dir + " is in use by another server");
    }
  }

  /**
   * The slots of an earlier run that can be gone on with; 0 when there are none. What is damaged is
   * emptied, and the log says so; what is whole is given up by the operator only.
   */
  private static int slotsBefore(FileChannel meta, int sliceSize, Path dir) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(20);
    boolean whole = meta.size() >= HEADER_BYTES && meta.read(header, 0) == header.capacity();
    if (whole && header.getLong(0) == MAGIC && header.getInt(8) == FORMAT) {
      int before = header.getInt(12);
      if (before == sliceSize) {
        return header.getInt(16);
      } else if (before > 0) {
        throw new IOException(anotherSliceSize(before, sliceSize, dir));
      }
    }
    if (meta.size() > 0) {
      log.warn("cache emptied dir={} reason=\"its files are damaged or of another format\"", dir);
    }
    meta.truncate(0);
    return 0;
  }

  private static String anotherSliceSize(int before, int wanted, Path dir) {
    return "cache.sliceSize: "
        + new ByteSize(wanted)
        + " (expected: "
        + new ByteSize(before)
        + ", in which the cache in "
        + dir
        + " is kept; to empty it and begin with the other size, delete "
        + dir.resolve("slots.meta")
        + ")";
  }

  /** Makes the file as long as so many records, those that are there stay. */
  private static void writeHeader(FileChannel meta, int sliceSize, int slots) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(20);
    header.putLong(0, MAGIC).putInt(8, FORMAT).putInt(12, sliceSize).putInt(16, slots);
    writeAll(meta, header, 0);
    long bytes = HEADER_BYTES + (long) slots * RECORD_BYTES;
    if (meta.size() > bytes) {
      meta.truncate(bytes);
    } else if (meta.size() < bytes) {
      writeAll(meta, ByteBuffer.allocate(1), bytes - 1);
    }
  }

  /** Gives the disk space of a larger cache back. */
  private static void deleteSegments(Path dir, int from) throws IOException {
    for (int number = from; Files.deleteIfExists(dir.resolve(segmentName(number))); number++) {
      log.info("cache segment deleted file={}", segmentName(number));
    }
  }

  int slots() {
    return slots;
  }

  /** Calls back with all records that are whole, in the order of their places. */
  void forEachEntry(Consumer<Entry> to) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(8192 * RECORD_BYTES);
    for (int base = 0; base < slots; base += 8192) {
      block.clear();
      int records = Math.min(8192, slots - base);
      block.limit(records * RECORD_BYTES);
      long at = HEADER_BYTES + (long) base * RECORD_BYTES;
      while (block.hasRemaining() && meta.read(block, at + block.position()) >= 0) {}
      int whole = block.position() / RECORD_BYTES;
      for (int i = 0; i < whole; i++) {
        Entry entry = entry(block, i * RECORD_BYTES, base + i);
        if (entry != null) {
          to.accept(entry);
        }
      }
    }
  }

  private @Nullable Entry entry(ByteBuffer from, int at, int index) {
    int length = from.getInt(at + 32);
    if (from.getInt(at) != RECORD_MAGIC
        || from.getInt(at + CRC_AT) != crc(from.slice(at, CRC_AT))
        || length <= 0
        || length > sliceSize) {
      return null;
    }
    SliceKey key = new SliceKey(from.getLong(at + 8), from.getLong(at + 16), from.getInt(at + 4));
    return new Entry(index, key, from.getLong(at + 24), length, from.getInt(at + 36));
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  FileChannel segment(int index) {
    return segments.get(index / slotsPerSegment);
  }

  /** True if part of a slot is in memory, as far as can be told without waiting. */
  boolean resident(Slot slot, int from, int count) {
    return residency
        .get(slot.index() / slotsPerSegment)
        .resident(offset(slot.index()) + from, count);
  }

  /**
   * Whether a slot that is written anew leaves alone what sockets still hold of it. If not, its
   * bytes have to be sent as a copy.
   */
  boolean renewsPages() {
    return renewsPages;
  }

  long offset(int index) {
    return (long) (index % slotsPerSegment) * slotSize;
  }

  /** Writes data, then its record; the buffers are borrowed. Returns the data's CRC32C. */
  int write(int index, SliceKey key, long generation, ByteBuf[] pieces) throws IOException {
    CRC32C crc = new CRC32C();
    long at = offset(index);
    if (renewsPages && !natives.get(index / slotsPerSegment).renewPages(at, slotSize)) {
      throw new IOException("slot " + index + " gets no new pages: is the disk full?");
    }
    int length = 0;
    for (ByteBuf piece : pieces) {
      ByteBuffer bytes = piece.nioBuffer(0, piece.writerIndex());
      crc.update(bytes.duplicate());
      length += bytes.remaining();
      int size = bytes.remaining();
      writeAll(segment(index), bytes, at);
      at += size;
    }
    record.clear();
    record.put(new byte[RECORD_BYTES]);
    record.putInt(0, RECORD_MAGIC).putInt(4, key.slice());
    record.putLong(8, key.hi()).putLong(16, key.lo()).putLong(24, generation);
    record.putInt(32, length).putInt(36, (int) crc.getValue());
    record.putInt(CRC_AT, crc(record.slice(0, CRC_AT)));
    record.clear();
    writeAll(meta, record, HEADER_BYTES + (long) index * RECORD_BYTES);
    return (int) crc.getValue();
  }

  private static void writeAll(FileChannel file, ByteBuffer bytes, long at) throws IOException {
    long position = at;
    while (bytes.hasRemaining()) {
      position += file.write(bytes, position);
    }
  }

  /** Reads a slot's data and compares its checksum; blocks, and leaves the data in memory. */
  boolean intact(Slot slot) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.min(slot.length(), 256 * 1024));
    CRC32C crc = new CRC32C();
    long at = offset(slot.index());
    for (int left = slot.length(); left > 0; ) {
      bytes.clear().limit(Math.min(left, bytes.capacity()));
      int read = segment(slot.index()).read(bytes, at);
      if (read <= 0) {
        return false;
      }
      crc.update(bytes.flip());
      at += read;
      left -= read;
    }
    return (int) crc.getValue() == slot.crc();
  }

  /** Reads part of a slot into memory; blocks. */
  void warm(Slot slot, int from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(Math.min(count, 256 * 1024));
    long at = offset(slot.index()) + from;
    for (int left = count; left > 0; ) {
      bytes.clear().limit(Math.min(left, bytes.capacity()));
      int read = segment(slot.index()).read(bytes, at);
      if (read <= 0) {
        return;
      }
      at += read;
      left -= read;
    }
  }

  @Override
  public void close() {
    natives.forEach(NativeFile::close);
    try {
      meta.close();
      for (FileChannel segment : segments) {
        segment.close();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
