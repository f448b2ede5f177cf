package dev.sluice.origin.files.local;

import dev.sluice.origin.files.FileDraft;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.PutResult;
import dev.sluice.origin.files.StoreException;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.files.WriteCondition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An upload to a local directory: a part file under a private name, within the limits. */
final class LocalUpload implements FileDraft {
  private static final Logger log = LoggerFactory.getLogger(LocalUpload.class);

  private final LocalFileStore store;
  private final FilePath path;
  private final WriteCondition condition;
  private final Path part;
  private final PartFile out;
  private long bytes;
  private boolean closed;

  /** Owns the part file. */
  LocalUpload(
      LocalFileStore store, FilePath path, WriteCondition condition, Path part, PartFile out) {
    this.store = store;
    this.path = path;
    this.condition = condition;
    this.part = part;
    this.out = out;
  }

  @Override
  public FilePath path() {
    return path;
  }

  @Override
  public void append(ByteBuffer more) throws StoreException {
    int length = more.remaining();
    StoreLimits limits = store.limits();
    if (length > limits.maxFileBytes() - bytes) {
      throw limits.tooLarge();
    }
    if (!store.space().take(length)) {
      throw limits.overQuota();
    }
    bytes += length;
    try {
      out.write(more);
    } catch (IOException e) {
      throw LocalFileStore.diskFault(path, e);
    }
  }

  @Override
  public PutResult.Stored publish(@Nullable String sha256) throws StoreException {
    try {
      out.sync();
      out.close();
      String hash = sha256 == null ? ContentHashes.hash(part) : sha256;
      return store.publish(part, path, condition, hash, bytes);
    } catch (IOException e) {
      throw LocalFileStore.diskFault(path, e);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    // A visible version is counted by the store; what the transfer took is given back.
    store.space().giveBack(bytes);
    try (out) {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      log.warn("part file not deleted file={} reason=\"{}\"", part, e.toString());
    }
  }
}
