package dev.sluice.origin.files;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Versions of files under names: what stands between the origin and the place where its files are
 * kept. {@code LocalFileStore} keeps them in a directory.
 *
 * <p>What every store holds to:
 *
 * <ul>
 *   <li>A reader sees a whole version or none, and keeps the one it has opened to its end.
 *   <li>A writer publishes a whole version in one step or changes nothing. What is being written
 *       counts against the {@link StoreLimits} but is neither opened nor listed.
 *   <li>A version has one strong entity tag, the SHA-256 of its content in quotes, the same in
 *       every store. Where a store has not read a version yet it may give another first, see {@link
 *       OpenFile#otherTag}; conditions know both.
 *   <li>After a crash all published versions are there, whole, and so are kept drafts; other drafts
 *       are gone.
 *   <li>A refusal says its {@link Refusal}. A store that knows no directories has no {@link
 *       Refusal#PATH_CLASH}.
 * </ul>
 *
 * <p>{@code FileStoreContract} in the tests is this as a test; a new store has to pass it.
 *
 * <p>Threading: any thread that may block, so never an event loop.
 */
public interface FileStore extends AutoCloseable {

  /**
   * Opens the current version for reading; null when there is no such file. The caller closes it.
   *
   * @throws FileChanging when somebody writes to it in place at this moment
   * @throws IOException when the store cannot be read
   */
  @Nullable OpenFile open(FilePath path) throws IOException;

  /**
   * Begins a version, unless it can be said already that it would be refused. The caller closes the
   * draft.
   *
   * @param condition on the version that is stored, now and when the draft is published
   * @param expectedBytes announced length; -1 when unknown
   */
  FileDraft create(FilePath path, WriteCondition condition, long expectedBytes)
      throws StoreException;

  /**
   * Stores a version from a stream of bytes: {@link #create}, append, publish.
   *
   * @param expectedBytes announced length; -1 when unknown
   * @param digests what the content must hash to
   */
  default PutResult put(
      FilePath path,
      WriteCondition condition,
      BodySource body,
      long expectedBytes,
      ContentDigests digests)
      throws InterruptedException {
    try (FileDraft draft = create(path, condition, expectedBytes)) {
      return new UploadTransfer(draft, expectedBytes, digests).run(body);
    } catch (StoreException e) {
      return new PutResult.Refused(e.reason(), e.detail());
    }
  }

  /**
   * Begins a version that a crash does not take. Null when a file or another kept draft has that
   * name. It may grow beyond the limits: what has been broadcast is not cast away. The caller
   * closes the draft.
   */
  @Nullable KeptDraft createKept(FilePath path) throws StoreException;

  /** Names of all kept drafts, open ones too, in order. */
  List<FilePath> keptDrafts() throws IOException;

  /** Opens a kept draft that nobody has open; null when there is none. The caller closes it. */
  @Nullable KeptDraft reopen(FilePath path) throws StoreException;

  /** Removes a file. Readers that have it open keep their version. */
  DeleteResult delete(FilePath path, WriteCondition condition);

  /**
   * Files in the order of their names.
   *
   * @param prefix of the whole path; empty for all
   * @param after only names that sort after this one; empty for all
   * @param limit most entries, above 0
   */
  List<StoredFile> list(String prefix, String after, int limit) throws IOException;

  /** Bytes of all files and of the uploads under way. */
  long bytesInUse();

  @Override
  void close() throws IOException;
}
