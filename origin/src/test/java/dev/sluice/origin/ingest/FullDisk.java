package dev.sluice.origin.ingest;

import dev.sluice.origin.files.DeleteResult;
import dev.sluice.origin.files.FileDraft;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.OpenFile;
import dev.sluice.origin.files.PutResult;
import dev.sluice.origin.files.Refusal;
import dev.sluice.origin.files.StoreException;
import dev.sluice.origin.files.StoredFile;
import dev.sluice.origin.files.WriteCondition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A store with so much room for new drafts: when it is used up, appending fails as it would. */
final class FullDisk implements FileStore {
  private final FileStore store;
  private long room;

  FullDisk(FileStore store, long room) {
    this.store = store;
    this.room = room;
  }

  synchronized void room(long bytes) {
    room = bytes;
  }

  private synchronized int take(int wanted) {
    int taken = (int) Math.min(room, wanted);
    room -= taken;
    return taken;
  }

  @Override
  public @Nullable KeptDraft createKept(FilePath path) throws StoreException {
    KeptDraft draft = store.createKept(path);
    return draft == null ? null : new Draft(draft);
  }

  @Override
  public @Nullable OpenFile open(FilePath path) throws IOException {
    return store.open(path);
  }

  @Override
  public FileDraft create(FilePath path, WriteCondition condition, long expectedBytes)
      throws StoreException {
    return store.create(path, condition, expectedBytes);
  }

  @Override
  public List<FilePath> keptDrafts() throws IOException {
    return store.keptDrafts();
  }

  @Override
  public @Nullable KeptDraft reopen(FilePath path) throws StoreException {
    return store.reopen(path);
  }

  @Override
  public DeleteResult delete(FilePath path, WriteCondition condition) {
    return store.delete(path, condition);
  }

  @Override
  public List<StoredFile> list(String prefix, String after, int limit) throws IOException {
    return store.list(prefix, after, limit);
  }

  @Override
  public long bytesInUse() {
    return store.bytesInUse();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  private final class Draft implements KeptDraft {
    private final KeptDraft draft;

    Draft(KeptDraft draft) {
      this.draft = draft;
    }

    /** As much as there is room for: a full disk cuts a tag anywhere. */
    @Override
    public void append(ByteBuffer bytes) throws StoreException {
      int count = take(bytes.remaining());
      ByteBuffer fits = bytes.slice(bytes.position(), count);
      bytes.position(bytes.position() + count);
      draft.append(fits);
      if (bytes.hasRemaining()) {
        throw new StoreException(Refusal.NO_SPACE, "no room is left");
      }
    }

    @Override
    public FilePath path() {
      return draft.path();
    }

    @Override
    public long size() throws StoreException {
      return draft.size();
    }

    @Override
    public void writeHead(ByteBuffer bytes) throws StoreException {
      draft.writeHead(bytes);
    }

    @Override
    public void sync() throws StoreException {
      draft.sync();
    }

    @Override
    public int read(ByteBuffer into, long position) throws StoreException {
      return draft.read(into, position);
    }

    @Override
    public void truncate(long size) throws StoreException {
      draft.truncate(size);
    }

    @Override
    public PutResult.Stored publish(@Nullable String sha256) throws StoreException {
      return draft.publish(sha256);
    }

    @Override
    public void discard() {
      draft.discard();
    }

    @Override
    public void close() {
      draft.close();
    }
  }
}
