package dev.sluice.origin.files.local;

import dev.sluice.origin.files.ContentDigests;
import dev.sluice.origin.files.FilePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SHA-256 of each stored version. It is computed while a version is written and kept in a note
 * beside the files, so that reading needs no second pass:
 *
 * <pre>
 * .sluice/meta/AB/ABCD...   (name: SHA-256 of the path)
 * sluice2 SHA256 SIZE MODIFIED_NANOS INODE CHANGED_NANOS DEVICE .
 * </pre>
 *
 * <p>A note counts only for the exact {@link FileIdentity} it names. A missing, torn or stale one
 * is replaced after reading the file: a small file at once, for all who ask at that moment, a large
 * one in its turn, one at a time and for half of the time only ({@link #readLater}). Notes are not
 * synced: what a crash destroys is computed again.
 *
 * <p>Threading: any thread that may block.
 */
final class ContentHashes {
  private static final Logger log = LoggerFactory.getLogger(ContentHashes.class);
  private static final int MAX_REMEMBERED = 100_000;
  private static final int READ_BYTES = 1 << 20;
  private static final int MOST_WAITING = 10_000;

  private final Path directory;
  private final AtomicLong noteNumber = new AtomicLong();
  private final ConcurrentHashMap<FileIdentity, String> remembered = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<FilePath, CompletableFuture<String>> underWay =
      new ConcurrentHashMap<>();
  private final Set<FileIdentity> waiting = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor reader =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().name("files-hash").daemon(true).factory());

  ContentHashes(Path directory) {
    this.directory = directory;
  }

  /** The hash from memory or the note, lower-case hexadecimal; null when neither knows it. */
  @Nullable String known(FilePath path, FileIdentity identity) {
    String hash = remembered.get(identity);
    if (hash == null) {
      hash = readNote(path, identity);
      if (hash != null) {
        keep(identity, hash);
      }
    }
    return hash;
  }

  /** The hash, read from the file itself when nobody knows it. */
  String of(FilePath path, FileIdentity identity, Path file) throws IOException {
    String hash = known(path, identity);
    if (hash != null) {
      return hash;
    }
    CompletableFuture<String> mine = new CompletableFuture<>();
    CompletableFuture<String> other = underWay.putIfAbsent(path, mine);
    if (other != null) {
      try {
        other.join();
      } catch (CompletionException e) {
        throw new IOException("could not hash " + path, e.getCause());
      }
      hash = known(path, identity);
      return hash != null ? hash : compute(path, identity, file);
    }
    try {
      hash = compute(path, identity, file);
      mine.complete(hash);
      return hash;
    } catch (IOException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      underWay.remove(path, mine);
      mine.completeExceptionally(new IOException("not read")); // after a fault nobody thought of
    }
  }

  /** Has a file read in its turn, unless too many wait already: then when it is next asked for. */
  void readLater(FilePath path, FileIdentity identity, Path file) {
    if (waiting.add(identity)) {
      try {
        reader.execute(
            () -> {
              try {
                read(path, identity, file);
              } finally {
                waiting.remove(identity);
              }
            });
      } catch (RejectedExecutionException e) {
        waiting.remove(identity);
      }
    }
  }

  private void read(FilePath path, FileIdentity identity, Path file) {
    try {
      if (known(path, identity) == null && identity.equals(FileIdentity.of(file))) {
        String hash = hash(file, true);
        if (identity.equals(FileIdentity.of(file))) {
          remember(path, identity, hash);
          log.info("file hashed path={} bytes={}", path, identity.size());
        }
      }
    } catch (ClosedByInterruptException e) {
      log.debug("closed while reading path={}", path);
    } catch (IOException e) {
      log.warn("file not hashed path={} reason=\"{}\"", path, e.toString());
    }
  }

  /** Ends what is read in its turn. */
  void close() {
    reader.shutdownNow();
  }

  private String compute(FilePath path, FileIdentity identity, Path file) throws IOException {
    String hash = hash(file);
    if (!identity.equals(FileIdentity.of(file))) {
      throw new IOException(path + " changed while it was read");
    }
    remember(path, identity, hash);
    log.info("file hashed path={} bytes={}", path, identity.size());
    return hash;
  }

  static String hash(Path file) throws IOException {
    return hash(file, false);
  }

  /** With {@code gently} half of the time, so that viewers have the disk too. */
  private static String hash(Path file, boolean gently) throws IOException {
    MessageDigest sha256 = ContentDigests.digest("SHA-256");
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long begun = System.nanoTime(); in.read(buffer) >= 0; begun = System.nanoTime()) {
        sha256.update(buffer.flip());
        buffer.clear();
        if (gently) {
          LockSupport.parkNanos(System.nanoTime() - begun);
        }
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  /** Notes a hash of a version that is in its place: a rename changes its identity. */
  void remember(FilePath path, FileIdentity identity, String hash) {
    keep(identity, hash);
    Path note = note(path);
    Path fresh = note.resolveSibling(note.getFileName() + "-" + noteNumber.incrementAndGet());
    String text =
        "sluice2 %s %d %d %d %d %d .\n"
            .formatted(
                hash,
                identity.size(),
                identity.modifiedNanos(),
                identity.inode(),
                identity.changedNanos(),
                identity.device());
    try {
      Files.createDirectories(note.getParent());
      Files.writeString(fresh, text);
      Files.move(fresh, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("file note not written path={} reason=\"{}\"", path, e.toString());
      deleteQuietly(fresh);
    }
  }

  /** Forgets a path that was deleted. */
  void forget(FilePath path) {
    deleteQuietly(note(path));
  }

  private void keep(FileIdentity identity, String hash) {
    if (remembered.size() >= MAX_REMEMBERED) {
      remembered.clear();
    }
    remembered.put(identity, hash);
  }

  private @Nullable String readNote(FilePath path, FileIdentity identity) {
    String text;
    try {
      text = Files.readString(note(path), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      log.warn("file note not read path={} reason=\"{}\"", path, e.toString());
      return null;
    }
    String[] words = text.trim().split(" ");
    boolean current =
        words.length == 8
            && words[0].equals("sluice2")
            && words[1].length() == 64
            && words[2].equals(Long.toString(identity.size()))
            && words[3].equals(Long.toString(identity.modifiedNanos()))
            && words[4].equals(Long.toString(identity.inode()))
            && words[5].equals(Long.toString(identity.changedNanos()))
            && words[6].equals(Long.toString(identity.device()))
            && words[7].equals(".");
    return current ? words[1] : null;
  }

  private Path note(FilePath path) {
    byte[] name =
        ContentDigests.digest("SHA-256").digest(path.value().getBytes(StandardCharsets.UTF_8));
    String hex = HexFormat.of().formatHex(name);
    return directory.resolve(hex.substring(0, 2)).resolve(hex);
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.debug("not deleted file={} reason=\"{}\"", file, e.toString());
    }
  }
}
