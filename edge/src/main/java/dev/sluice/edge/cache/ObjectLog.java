package dev.sluice.edge.cache;

import io.micrometer.core.instrument.Counter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of files, kept over a restart: a file that only grows, the newest entry of a path
 * counts. Written anew, without what is outdated, at start and when it has grown to four times
 * that.
 *
 * <pre>
 * entry   0  format 1, now 2
 *         1  length of the body 3
 *         4  CRC32C of the body 4
 *         8  body: the fields of {@link CachedObject} in order, as DataOutputStream writes them
 * </pre>
 *
 * <p>Reading ends at the first entry that is not whole: that is where a crash cut it. It ends as
 * well at one of another format: files are then looked up anew, and their slices found again.
 *
 * <p>When it cannot be written, as on a full disk, it rests and is then written anew: its owner
 * asks {@link #restNanos} when. A rest is 1 s, after each further failure twice as long, at most a
 * minute. Meanwhile nothing is lost but what a restart would know.
 *
 * <p>Threading: one thread at a time; the cache uses the disk thread.
 */
final class ObjectLog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ObjectLog.class);
  private static final int FORMAT = 2;
  private static final int MAX_BODY_BYTES = 64 * 1024;
  private static final long COMPACT_FROM_BYTES = 16L << 20;

  private static final long FIRST_REST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_REST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Path path;
  private final Counter errors;
  private final LongSupplier nanoClock;
  private @Nullable FileChannel out;
  private long bytes;
  private long bytesAfterCompaction;

  /** How long the rest is; 0 = it can be written. */
  private long lastRestNanos;

  private long restsUntilNanos;

  private ObjectLog(Path path, Counter errors, LongSupplier nanoClock) {
    this.path = path;
    this.errors = errors;
    this.nanoClock = nanoClock;
  }

  /** An opened log and what it held. */
  record Opened(ObjectLog log, Collection<CachedObject> objects) {}

  /**
   * Reads the newest {@code max} entries and writes the log anew; blocks. When that fails the old
   * one stays, and this one rests.
   *
   * @param errors counts failures to write it
   */
  static Opened open(Path dir, int max, Counter errors, LongSupplier nanoClock) throws IOException {
    Path path = dir.resolve("objects.log");
    Map<String, CachedObject> newest = new LinkedHashMap<>();
    if (Files.exists(path)) {
      try (DataInputStream in =
          new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(path)))) {
        for (CachedObject object; (object = read(in)) != null; ) {
          newest.remove(object.path());
          newest.put(object.path(), object);
          if (newest.size() > max) {
            newest.remove(newest.keySet().iterator().next());
          }
        }
      }
    }
    ObjectLog opened = new ObjectLog(path, errors, nanoClock);
    opened.rewrite(newest.values());
    return new Opened(opened, newest.values());
  }

  private static @Nullable CachedObject read(DataInputStream in) {
    try {
      int length = in.readInt() - (FORMAT << 24);
      int sum = in.readInt();
      if (length <= 0 || length > MAX_BODY_BYTES) {
        return null;
      }
      byte[] body = in.readNBytes(length);
      return body.length == length && crc(body) == sum ? decode(body) : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static int crc(byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(body, 0, body.length);
    return (int) crc.getValue();
  }

  private static CachedObject decode(byte[] body) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
    return new CachedObject(
        in.readUTF(),
        new FileHead(
            optional(in.readUTF()),
            optional(in.readUTF()),
            in.readLong(),
            in.readUTF(),
            optional(in.readUTF()),
            optional(in.readUTF())),
        new Freshness.Lifetime(true, in.readLong(), in.readLong(), in.readLong(), in.readLong()),
        in.readLong(),
        in.readLong());
  }

  private static @Nullable String optional(String text) {
    return text.isEmpty() ? null : text;
  }

  private static ByteBuffer encode(CachedObject object) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(256);
    DataOutputStream to = new DataOutputStream(body);
    to.writeUTF(object.path());
    to.writeUTF(object.etag() == null ? "" : object.etag());
    to.writeUTF(object.lastModified() == null ? "" : object.lastModified());
    to.writeLong(object.length());
    to.writeUTF(object.contentType());
    to.writeUTF(object.cacheControl() == null ? "" : object.cacheControl());
    to.writeUTF(object.expires() == null ? "" : object.expires());
    to.writeLong(object.fetchedAtMs());
    to.writeLong(object.freshUntilMs());
    to.writeLong(object.refreshUntilMs());
    to.writeLong(object.staleUntilMs());
    to.writeLong(object.hi());
    to.writeLong(object.lo());
    byte[] all = body.toByteArray();
    return ByteBuffer.allocate(8 + all.length)
        .putInt((FORMAT << 24) + all.length)
        .putInt(crc(all))
        .put(all)
        .flip();
  }

  void append(CachedObject object) {
    FileChannel to = out;
    if (to == null) {
      return;
    }
    try {
      ByteBuffer entry = encode(object);
      bytes += entry.remaining();
      while (entry.hasRemaining()) {
        to.write(entry);
      }
    } catch (IOException e) {
      rest(e);
    }
  }

  private void rest(IOException why) {
    close();
    errors.increment();
    if (lastRestNanos == 0) {
      log.warn("cache object log cannot be written path={} reason=\"{}\"", path, why.toString());
    }
    lastRestNanos =
        lastRestNanos == 0 ? FIRST_REST_NANOS : Math.min(LONGEST_REST_NANOS, 2 * lastRestNanos);
    restsUntilNanos = nanoClock.getAsLong() + lastRestNanos;
  }

  /** How long until it wants to be written anew after a failure, above 0; -1 when it works. */
  long restNanos() {
    return lastRestNanos == 0 ? -1 : Math.max(1, restsUntilNanos - nanoClock.getAsLong());
  }

  /** True when it is time to write it anew. */
  boolean outdated() {
    return lastRestNanos > 0
        ? nanoClock.getAsLong() - restsUntilNanos >= 0
        : bytes > Math.max(COMPACT_FROM_BYTES, 4 * bytesAfterCompaction);
  }

  /** Replaces all entries; atomic. */
  void rewrite(Collection<CachedObject> objects) {
    boolean rested = lastRestNanos > 0;
    try {
      compact(objects);
      lastRestNanos = 0;
    } catch (IOException e) {
      rest(e);
      return;
    }
    if (rested) {
      log.info("cache object log written again path={}", path);
    }
  }

  private void compact(Collection<CachedObject> objects) throws IOException {
    Path next = path.resolveSibling("objects.log.new");
    close();
    try {
      replaceBy(next, objects);
    } catch (IOException e) {
      Files.deleteIfExists(next); // on a full disk it would be in its own way
      throw e;
    }
    out = FileChannel.open(path, StandardOpenOption.APPEND);
  }

  private void replaceBy(Path next, Collection<CachedObject> objects) throws IOException {
    bytes = 0;
    try (FileChannel to =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (CachedObject object : objects) {
        ByteBuffer entry = encode(object);
        bytes += entry.remaining();
        while (entry.hasRemaining()) {
          to.write(entry);
        }
      }
    }
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    bytesAfterCompaction = bytes;
  }

  @Override
  public void close() {
    FileChannel open = out;
    out = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.warn("cache object log close failed: {}", e.toString());
      }
    }
  }
}
