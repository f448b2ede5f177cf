package dev.sluice.edge.cache;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.media.vod.VodFile;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds, by looks at a file that come from the cache like all else, the part of it that a request
 * is to be answered with.
 *
 * <p>Threading: called on the request's loop, where its result belongs too.
 */
public interface PartFinder {

  /** What came of looking. */
  sealed interface Result {}

  /** The file is to be answered as if no part had been asked for. */
  record Whole() implements Result {}

  /**
   * The file's own bytes from a position to its end, behind bytes that were made for them.
   *
   * @param head made bytes; never compared
   * @param position where the file's own bytes begin
   * @param etag of this part, with quotes; null = none
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Rest(byte[] head, long position, @Nullable String etag) implements Result {}

  /** The file cannot be read. */
  record Unreadable(String why) implements Result {}

  /** Tells the requests that want a part from those that want the file itself. */
  @FunctionalInterface
  interface Choice {
    /**
     * The finder for a request.
     *
     * @return null when the file itself is wanted
     * @throws dev.sluice.chassis.http.ProblemException when it cannot be understood
     */
    @Nullable PartFinder of(HttpExchange exchange);
  }

  /**
   * Begins to look; may be called again for another version of the file.
   *
   * @param file closed by the caller
   * @param etag of the file; null = none
   * @param found called once, at once or later
   */
  void find(VodFile file, @Nullable String etag, Consumer<Result> found);
}
