package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A second store, all in memory: it shows that the port can be filled without a directory, a path
 * or a channel. One lock for everything.
 */
public final class MemoryFileStore implements FileStore {
  private final Medium medium;
  private final StoreLimits limits;
  private final SpaceBudget space;

  /** What outlives a process. */
  private static final class Medium {
    final TreeMap<FilePath, Version> files = new TreeMap<>();
    final TreeMap<FilePath, Bytes> drafts = new TreeMap<>();
  }

  private record Version(byte[] bytes, String hash, Instant modified) {
    String etag() {
      return '"' + hash + '"';
    }
  }

  /** Bytes that grow. */
  private static final class Bytes {
    private byte[] array = new byte[64];
    private int size;

    void append(ByteBuffer more) {
      if (array.length - size < more.remaining()) {
        array = Arrays.copyOf(array, Math.max(2 * array.length, size + more.remaining()));
      }
      int count = more.remaining();
      more.get(array, size, count);
      size += count;
    }
  }

  /** An empty store. */
  public MemoryFileStore(StoreLimits limits) {
    this(new Medium(), limits);
  }

  private MemoryFileStore(Medium medium, StoreLimits limits) {
    this.medium = medium;
    this.limits = limits;
    long used = medium.files.values().stream().mapToLong(version -> version.bytes.length).sum();
    this.space = new SpaceBudget(limits.maxBytes(), used);
  }

  /** The store as the next process finds it. */
  public MemoryFileStore restart(StoreLimits next) {
    return new MemoryFileStore(medium, next);
  }

  @Override
  public synchronized @Nullable OpenFile open(FilePath path) {
    Version version = medium.files.get(path);
    return version == null
        ? null
        : new OpenFile(
            path,
            new Content(version.bytes),
            version.bytes.length,
            version.etag(),
            version.etag(),
            version.hash,
            version.modified);
  }

  @Override
  public synchronized FileDraft create(FilePath path, WriteCondition condition, long expectedBytes)
      throws StoreException {
    if (expectedBytes > limits.maxFileBytes()) {
      throw limits.tooLarge();
    }
    requireAllowed(path, condition);
    if (!space.fits(expectedBytes)) {
      throw limits.overQuota();
    }
    return new Draft(path, condition, new Bytes(), false);
  }

  private void requireAllowed(FilePath path, WriteCondition condition) throws StoreException {
    Version now = medium.files.get(path);
    if (!condition.allows(now == null ? null : now.etag())) {
      throw new StoreException(Refusal.PRECONDITION_FAILED, "the stored version differs");
    }
  }

  @Override
  public synchronized @Nullable KeptDraft createKept(FilePath path) {
    if (medium.files.containsKey(path) || medium.drafts.containsKey(path)) {
      return null;
    }
    Bytes bytes = new Bytes();
    medium.drafts.put(path, bytes);
    return new Draft(path, WriteCondition.NONE, bytes, true);
  }

  @Override
  public synchronized List<FilePath> keptDrafts() {
    return List.copyOf(medium.drafts.keySet());
  }

  @Override
  public synchronized @Nullable KeptDraft reopen(FilePath path) {
    Bytes bytes = medium.drafts.get(path);
    return bytes == null ? null : new Draft(path, WriteCondition.NONE, bytes, true);
  }

  @Override
  public synchronized DeleteResult delete(FilePath path, WriteCondition condition) {
    Version now = medium.files.get(path);
    if (now == null) {
      return new DeleteResult.Absent();
    }
    if (!condition.allows(now.etag())) {
      return new DeleteResult.Refused(Refusal.PRECONDITION_FAILED, "the stored version differs");
    }
    medium.files.remove(path);
    space.giveBack(now.bytes.length);
    return new DeleteResult.Deleted();
  }

  @Override
  public synchronized List<StoredFile> list(String prefix, String after, int limit) {
    List<StoredFile> found = new ArrayList<>();
    medium.files.forEach(
        (path, version) -> {
          boolean wanted = path.value().startsWith(prefix) && path.value().compareTo(after) > 0;
          if (wanted && found.size() < limit) {
            found.add(new StoredFile(path, version.bytes.length, version.etag(), version.modified));
          }
        });
    return found;
  }

  @Override
  public long bytesInUse() {
    return space.usedBytes();
  }

  @Override
  public void close() {}

  /** A version that is being read. */
  private static final class Content implements ReadableFile {
    private final byte[] bytes;
    private volatile boolean closed;

    Content(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      if (closed) {
        throw new ClosedChannelException();
      }
      if (position >= bytes.length) {
        return -1;
      }
      int count = (int) Math.min(into.remaining(), bytes.length - position);
      into.put(bytes, (int) position, count);
      return count;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final class Draft implements KeptDraft {
    private final FilePath path;
    private final WriteCondition condition;
    private final Bytes bytes;
    private final boolean kept;
    private boolean closed;

    Draft(FilePath path, WriteCondition condition, Bytes bytes, boolean kept) {
      this.path = path;
      this.condition = condition;
      this.bytes = bytes;
      this.kept = kept;
    }

    private void requireOpen() throws StoreException {
      if (closed) {
        throw new StoreException(Refusal.DISK_ERROR, path + " is closed");
      }
    }

    @Override
    public FilePath path() {
      return path;
    }

    @Override
    public void append(ByteBuffer more) throws StoreException {
      requireOpen();
      if (!kept && more.remaining() > limits.maxFileBytes() - bytes.size) {
        throw limits.tooLarge();
      }
      if (!kept && !space.take(more.remaining())) {
        throw limits.overQuota();
      }
      bytes.append(more);
    }

    @Override
    public long size() {
      return bytes.size;
    }

    @Override
    public void writeHead(ByteBuffer head) throws StoreException {
      requireOpen();
      if (head.remaining() > Math.min(HEAD_BYTES, bytes.size)) {
        throw new IllegalArgumentException("head: " + head.remaining() + " bytes");
      }
      head.get(bytes.array, 0, head.remaining());
    }

    @Override
    public void sync() throws StoreException {
      requireOpen();
    }

    @Override
    public int read(ByteBuffer into, long position) throws StoreException {
      requireOpen();
      if (position >= bytes.size) {
        return -1;
      }
      int count = (int) Math.min(into.remaining(), bytes.size - position);
      into.put(bytes.array, (int) position, count);
      return count;
    }

    @Override
    public void truncate(long size) throws StoreException {
      requireOpen();
      bytes.size = (int) Math.min(size, bytes.size);
    }

    @Override
    public PutResult.Stored publish(@Nullable String sha256) throws StoreException {
      requireOpen();
      byte[] all = Arrays.copyOf(bytes.array, bytes.size);
      String hash =
          sha256 == null
              ? HexFormat.of().formatHex(ContentDigests.digest("SHA-256").digest(all))
              : sha256;
      Version version = new Version(all, hash, Instant.now());
      synchronized (MemoryFileStore.this) {
        requireAllowed(path, condition);
        Version old = medium.files.put(path, version);
        space.add(all.length - (old == null ? 0 : old.bytes.length));
        if (kept) {
          medium.drafts.remove(path);
        }
        StoredFile file = new StoredFile(path, all.length, version.etag(), version.modified);
        return new PutResult.Stored(file, old == null);
      }
    }

    @Override
    public void discard() {
      close();
      synchronized (MemoryFileStore.this) {
        medium.drafts.remove(path);
      }
    }

    @Override
    public void close() {
      if (!closed && !kept) {
        space.giveBack(bytes.size);
      }
      closed = true;
    }
  }
}
