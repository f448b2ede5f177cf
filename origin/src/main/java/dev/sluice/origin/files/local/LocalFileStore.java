package dev.sluice.origin.files.local;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.chassis.log.RateLimitedLog;
import dev.sluice.origin.files.DeleteResult;
import dev.sluice.origin.files.FileDraft;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.OpenFile;
import dev.sluice.origin.files.PutResult;
import dev.sluice.origin.files.Refusal;
import dev.sluice.origin.files.SpaceBudget;
import dev.sluice.origin.files.StoreException;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.files.StoredFile;
import dev.sluice.origin.files.WriteCondition;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Files in a local directory, under the same names, so that an operator may also copy files in.
 *
 * <p>A version is written to a private name, synced, then renamed over the visible name: readers
 * see the old version or the new one, and a crash or a full disk leaves the old one. What is
 * private lies in {@code .sluice} below the directory:
 *
 * <pre>
 * .sluice/lock    held while a process uses the directory
 * .sluice/tmp/    uploads under way; swept at the start
 * .sluice/meta/   hashes ({@link ContentHashes})
 * .sluice/work/   recordings under way ({@link LocalDrafts})
 * </pre>
 *
 * <p>Threading: any thread that may block. One lock covers the moment of publishing and deleting
 * (checks, directories, rename), never the transfer or the sync of content.
 */
public final class LocalFileStore implements FileStore {
  private static final Logger log = LoggerFactory.getLogger(LocalFileStore.class);
  private static final int OPEN_ATTEMPTS = 20;

  /** A copied file of up to this size is hashed before its first answer; takes 0.1 s. */
  private static final long READ_AT_ONCE_BYTES = 32L << 20;

  private final Path root;
  private final Path tmp;
  private final LocalDrafts drafts;
  private final StoreLimits limits;
  private final PartFile.Opener opener;
  private final ContentHashes hashes;
  private final SpaceBudget space;
  private final FileChannel lockFile;
  private final ReentrantLock publishing = new ReentrantLock();
  private final RateLimitedLog strayLinks =
      new RateLimitedLog(log, Level.WARN, "symbolic link leaves the store");
  private final AtomicLong partNumber = new AtomicLong();

  /**
   * Opens a store and sweeps what an earlier process left half done. Blocks.
   *
   * @param root made when absent
   * @throws IOException when the directory cannot be used, or another process uses it
   */
  public static LocalFileStore open(Path root, StoreLimits limits) throws IOException {
    return new LocalFileStore(root, limits, PartFile::create);
  }

  LocalFileStore(Path root, StoreLimits limits, PartFile.Opener opener) throws IOException {
    this.root = root.toAbsolutePath().normalize();
    this.limits = limits;
    this.opener = opener;
    Path hidden = this.root.resolve(".sluice");
    this.tmp = Files.createDirectories(hidden.resolve("tmp"));
    this.drafts = new LocalDrafts(this, Files.createDirectories(hidden.resolve("work")));
    this.hashes = new ContentHashes(Files.createDirectories(hidden.resolve("meta")));
    this.lockFile = lock(this.root, hidden.resolve("lock"));
    sweep();
    this.space = new SpaceBudget(limits.maxBytes(), usedBytes());
  }

  private static FileChannel lock(Path root, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      channel.close();
      throw new IOException(root + " is in use by another origin");
    }
    return channel;
  }

  private void sweep() throws IOException {
    try (Stream<Path> left = Files.list(tmp)) {
      for (Path part : left.toList()) {
        log.info("upload swept file={}", part.getFileName());
        Files.deleteIfExists(part);
      }
    }
  }

  private long usedBytes() throws IOException {
    long[] sum = new long[1];
    FileTree.walk(
        root,
        "",
        "",
        (path, identity) -> {
          sum[0] += identity.size();
          return true;
        });
    return sum[0];
  }

  @Override
  public long bytesInUse() {
    return space.usedBytes();
  }

  StoreLimits limits() {
    return limits;
  }

  SpaceBudget space() {
    return space;
  }

  @Override
  public @Nullable OpenFile open(FilePath path) throws IOException {
    Path file = locate(path);
    if (file == null) {
      return null;
    }
    Settling settling = new Settling();
    for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
      FileIdentity identity = FileIdentity.of(file);
      String hash = identity == null ? null : hashes.known(path, identity);
      while (identity != null && hash == null && !settling.settled(identity)) {
        settling.await(path);
        identity = FileIdentity.of(file);
        hash = identity == null ? null : hashes.known(path, identity);
      }
      if (identity == null) {
        return null;
      }
      if (hash == null && identity.size() <= READ_AT_ONCE_BYTES) {
        hash = hashes.of(path, identity, file);
      } else if (hash == null) {
        hashes.readLater(path, identity, file);
      }
      FileChannel channel;
      try {
        channel = FileChannel.open(file, StandardOpenOption.READ);
      } catch (NoSuchFileException e) {
        continue;
      }
      // The same identity before and after means that this channel reads that version.
      if (identity.equals(FileIdentity.of(file))) {
        String provisional = identity.provisionalTag();
        return new OpenFile(
            path,
            ReadableFile.local(channel, identity.check(file)),
            identity.size(),
            hash == null ? provisional : etag(hash),
            provisional,
            hash,
            identity.modified());
      }
      channel.close();
    }
    throw new IOException(path + " is replaced too often to be read");
  }

  @Override
  public FileDraft create(FilePath path, WriteCondition condition, long expectedBytes)
      throws StoreException {
    try {
      refuseEarly(path, condition, expectedBytes);
      Path part = tmp.resolve("upload-" + partNumber.incrementAndGet());
      return new LocalUpload(this, path, condition, part, opener.open(part));
    } catch (IOException e) {
      throw diskFault(path, e);
    }
  }

  private void refuseEarly(FilePath path, WriteCondition condition, long expectedBytes)
      throws IOException {
    if (expectedBytes > limits.maxFileBytes()) {
      throw limits.tooLarge();
    }
    Path file = locate(path);
    if (file == null) {
      throw new StoreException(
          Refusal.PATH_CLASH,
          "path: this server's locale cannot name it (expected: ASCII, or a server with UTF-8),"
              + " or a symbolic link in it leaves the store");
    }
    if (clashes(file)) {
      throw clash(path);
    }
    if (!condition.empty() && !condition.allows(currentEtag(path, file, condition))) {
      throw new StoreException(Refusal.PRECONDITION_FAILED, "the stored version differs");
    }
    if (!space.fits(expectedBytes)) {
      throw limits.overQuota();
    }
    if (expectedBytes > Files.getFileStore(root).getUsableSpace()) {
      throw new StoreException(
          Refusal.NO_SPACE, "the disk has less room than " + expectedBytes + " bytes");
    }
  }

  @Override
  public @Nullable KeptDraft createKept(FilePath path) throws StoreException {
    try {
      return FileIdentity.of(root.resolve(path.value())) == null ? drafts.create(path) : null;
    } catch (IOException e) {
      throw fault(e);
    }
  }

  @Override
  public List<FilePath> keptDrafts() throws IOException {
    return drafts.list();
  }

  @Override
  public @Nullable KeptDraft reopen(FilePath path) throws StoreException {
    try {
      return drafts.reopen(path);
    } catch (IOException e) {
      throw fault(e);
    }
  }

  /** Moves a finished and synced file of this volume to its visible name. */
  PutResult.Stored publish(
      Path part, FilePath path, WriteCondition condition, String hash, long bytes)
      throws IOException {
    Path file = root.resolve(path.value());
    FileIdentity identity = FileIdentity.of(part);
    if (identity == null) {
      throw new NoSuchFileException(part.toString());
    }
    boolean created;
    publishing.lock();
    try {
      if (!condition.empty() && !condition.allows(currentEtag(path, file, condition))) {
        throw new StoreException(
            Refusal.PRECONDITION_FAILED, "the stored version changed during the upload");
      }
      if (clashes(file)) {
        throw clash(path);
      }
      Files.createDirectories(directoryOf(file));
      FileIdentity old = FileIdentity.of(file);
      created = old == null;
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      FileIdentity placed = FileIdentity.of(file);
      if (placed != null) {
        hashes.remember(path, placed, hash);
      }
      space.add(bytes - (old == null ? 0 : old.size()));
    } finally {
      publishing.unlock();
    }
    syncDirectory(directoryOf(file));
    return new PutResult.Stored(
        new StoredFile(path, bytes, etag(hash), identity.modified()), created);
  }

  @Override
  public DeleteResult delete(FilePath path, WriteCondition condition) {
    publishing.lock();
    try {
      Path file = locate(path);
      FileIdentity old = file == null ? null : FileIdentity.of(file);
      if (file == null || old == null) {
        return new DeleteResult.Absent();
      }
      if (!condition.empty() && !condition.allows(currentEtag(path, file, condition))) {
        return new DeleteResult.Refused(Refusal.PRECONDITION_FAILED, "the stored version differs");
      }
      Files.delete(file);
      space.giveBack(old.size());
      hashes.forget(path);
      Path directory = directoryOf(file);
      syncDirectory(directory);
      while (!directory.equals(root) && isEmpty(directory)) {
        Files.delete(directory);
        directory = directoryOf(directory);
      }
      return new DeleteResult.Deleted();
    } catch (IOException e) {
      StoreException fault = diskFault(path, e);
      return new DeleteResult.Refused(fault.reason(), fault.detail());
    } finally {
      publishing.unlock();
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  @Override
  public List<StoredFile> list(String prefix, String after, int limit) throws IOException {
    List<StoredFile> found = new ArrayList<>();
    FileTree.walk(
        root,
        prefix,
        after,
        (path, identity) -> {
          String hash = hashes.known(path, identity);
          String etag = hash == null ? null : etag(hash);
          found.add(new StoredFile(path, identity.size(), etag, identity.modified()));
          return found.size() < limit;
        });
    return found;
  }

  /** The tag of what is stored that a condition names, else the one it is served with. */
  private @Nullable String currentEtag(FilePath path, Path file, WriteCondition condition)
      throws IOException {
    FileIdentity identity = FileIdentity.of(file);
    if (identity == null) {
      return null;
    }
    String provisional = identity.provisionalTag();
    String hash = hashes.known(path, identity);
    if (hash == null && identity.size() <= READ_AT_ONCE_BYTES) {
      hash = hashes.of(path, identity, file);
    }
    return hash == null || condition.mentions(provisional) ? provisional : etag(hash);
  }

  /**
   * Null when the process's locale has no bytes for the name, so that no file can have it, and when
   * a symbolic link on the way leaves what the store shows.
   */
  private @Nullable Path locate(FilePath path) throws IOException {
    Path file;
    try {
      file = root.resolve(path.value());
    } catch (InvalidPathException e) {
      return null;
    }
    if (!FileTree.holds(root, file)) {
      strayLinks.note("path=" + path);
      return null;
    }
    return file;
  }

  /** The directory of a path below the root. */
  private Path directoryOf(Path path) {
    Path parent = path.getParent();
    return parent == null ? root : parent;
  }

  private static String etag(String hash) {
    return '"' + hash + '"';
  }

  /** Whether a directory has the file's name, or a file the name of one of its directories. */
  private boolean clashes(Path file) {
    if (Files.isDirectory(file)) {
      return true;
    }
    for (Path above = directoryOf(file); !above.equals(root); above = directoryOf(above)) {
      if (Files.isRegularFile(above)) {
        return true;
      }
    }
    return false;
  }

  private static StoreException clash(FilePath path) {
    return new StoreException(
        Refusal.PATH_CLASH,
        path
            + " or a part of it is a file where a directory is needed, or "
            + "a directory where a file is needed");
  }

  /** What a fault of the disk means. */
  static StoreException fault(IOException e) {
    if (e instanceof StoreException known) {
      return known;
    }
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded")
        ? new StoreException(Refusal.NO_SPACE, "the disk is full", e)
        : new StoreException(Refusal.DISK_ERROR, "the origin's disk failed; see its log", e);
  }

  /** Says a fault of the disk in the log, once; a refusal passes as it is. */
  static StoreException diskFault(FilePath path, IOException e) {
    StoreException fault = fault(e);
    if (!(e instanceof StoreException)) {
      Level level = fault.reason() == Refusal.NO_SPACE ? Level.WARN : Level.ERROR;
      log.atLevel(level).log("file not stored path={} reason=\"{}\"", path, e.toString());
    }
    return fault;
  }

  private static void syncDirectory(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      log.debug("directory not synced path={} reason=\"{}\"", directory, e.toString());
    }
  }

  /** Releases the directory. Transfers under way fail or finish on their own. */
  @Override
  public void close() throws IOException {
    hashes.close();
    lockFile.close();
  }
}
