package dev.sluice.origin.files.local;

import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.PutResult;
import dev.sluice.origin.files.WriteCondition;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kept drafts of a local directory. One that will be {@code
 * recordings/demo/20260102-030405.flv} is {@code
 * .sluice/work/recordings/demo/20260102-030405.flv.part} until then, so that what a crash left says
 * by itself where it belongs.
 *
 * <p>Threading: any thread that may block.
 */
final class LocalDrafts {
  private static final Logger log = LoggerFactory.getLogger(LocalDrafts.class);
  private static final String SUFFIX = ".part";
  private static final int CREATE_ATTEMPTS = 20;

  private final LocalFileStore store;
  private final Path work;

  /** Drafts below a directory on the same volume as the files. */
  LocalDrafts(LocalFileStore store, Path work) {
    this.store = store;
    this.work = work;
  }

  /** A new draft; null when one has the name. */
  @Nullable KeptDraft create(FilePath path) throws IOException {
    Path part = part(path);
    for (int attempt = 0; attempt < CREATE_ATTEMPTS; attempt++) {
      try {
        Files.createDirectories(part.getParent());
        return new LocalKeptDraft(
            this,
            path,
            part,
            FileChannel.open(
                part,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
      } catch (FileAlreadyExistsException e) {
        return null;
      } catch (NoSuchFileException e) {
        log.debug("directory went with another draft file={}", part);
      }
    }
    throw new IOException(part + " cannot be made");
  }

  List<FilePath> list() throws IOException {
    List<FilePath> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList()) {
        String name = work.relativize(file).toString();
        String path = name.substring(0, name.length() - SUFFIX.length());
        if (FilePath.fault(path) == null) {
          found.add(new FilePath(path));
        } else {
          log.warn("unfinished file has no valid name file={}", name);
        }
      }
    }
    found.sort(null);
    return found;
  }

  /** A draft that is there; null when it is not. */
  @Nullable KeptDraft reopen(FilePath path) throws IOException {
    Path part = part(path);
    try {
      FileChannel channel =
          FileChannel.open(part, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel.position(channel.size());
      return new LocalKeptDraft(this, path, part, channel);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private Path part(FilePath path) {
    return work.resolve(path.value() + SUFFIX);
  }

  PutResult.Stored publish(Path part, FilePath path, @Nullable String sha256, long bytes)
      throws IOException {
    String hash = sha256 == null ? ContentHashes.hash(part) : sha256;
    PutResult.Stored stored = store.publish(part, path, WriteCondition.NONE, hash, bytes);
    removeEmptyDirectories(part.getParent());
    return stored;
  }

  void discard(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      log.warn("unfinished file not deleted file={} reason=\"{}\"", part, e.toString());
    }
    removeEmptyDirectories(part.getParent());
  }

  private void removeEmptyDirectories(@Nullable Path from) {
    Path directory = from;
    while (directory != null && !directory.equals(work)) {
      try {
        Files.delete(directory);
      } catch (IOException e) {
        return; // not empty, or in use by a new draft
      }
      directory = directory.getParent();
    }
  }
}
