package dev.sluice.origin.files.local;

import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.PutResult;
import dev.sluice.origin.files.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A kept draft that is a file of {@link LocalDrafts}. Owns its channel. */
final class LocalKeptDraft implements KeptDraft {
  private static final Logger log = LoggerFactory.getLogger(LocalKeptDraft.class);

  private final LocalDrafts drafts;
  private final FilePath path;
  private final Path part;
  private final FileChannel channel;

  /** Appends at the channel's position. */
  LocalKeptDraft(LocalDrafts drafts, FilePath path, Path part, FileChannel channel) {
    this.drafts = drafts;
    this.path = path;
    this.part = part;
    this.channel = channel;
  }

  @Override
  public FilePath path() {
    return path;
  }

  @Override
  public long size() throws StoreException {
    try {
      return channel.size();
    } catch (IOException e) {
      throw LocalFileStore.fault(e);
    }
  }

  @Override
  public void append(ByteBuffer bytes) throws StoreException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw LocalFileStore.fault(e);
    }
  }

  @Override
  public void writeHead(ByteBuffer bytes) throws StoreException {
    try {
      if (bytes.remaining() > Math.min(HEAD_BYTES, channel.size())) {
        throw new IllegalArgumentException(
            "head: %d bytes (expected: at most %d of %d)"
                .formatted(bytes.remaining(), HEAD_BYTES, channel.size()));
      }
      for (long at = 0; bytes.hasRemaining(); ) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw LocalFileStore.fault(e);
    }
  }

  @Override
  public void sync() throws StoreException {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw LocalFileStore.fault(e);
    }
  }

  @Override
  public int read(ByteBuffer into, long position) throws StoreException {
    try {
      return channel.read(into, position);
    } catch (IOException e) {
      throw LocalFileStore.fault(e);
    }
  }

  @Override
  public void truncate(long size) throws StoreException {
    try {
      channel.truncate(size);
    } catch (IOException e) {
      throw LocalFileStore.fault(e);
    }
  }

  @Override
  public PutResult.Stored publish(@Nullable String sha256) throws StoreException {
    try {
      long bytes = channel.size();
      channel.force(true);
      channel.close();
      return drafts.publish(part, path, sha256, bytes);
    } catch (IOException e) {
      throw LocalFileStore.diskFault(path, e);
    }
  }

  @Override
  public void discard() {
    close();
    drafts.discard(part);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      log.warn("unfinished file not closed file={} reason=\"{}\"", part, e.toString());
    }
  }
}
