package dev.sluice.edge.vod;

import dev.sluice.edge.cache.PartFinder;
import dev.sluice.media.vod.FlvCut;
import dev.sluice.media.vod.FlvOpening;
import dev.sluice.media.vod.FlvSeek;
import dev.sluice.media.vod.ProbeRun;
import dev.sluice.media.vod.SeekQuery;
import dev.sluice.media.vod.VodFile;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the keyframe that a player seeks: first what the file begins with, then the place in it. A
 * file that is no FLV with a place to start at is answered whole.
 *
 * <p>Threading: confined to the loop of the file it looks at.
 */
final class KeyframeFinder implements PartFinder {
  private final SeekQuery query;

  KeyframeFinder(SeekQuery query) {
    this.query = query;
  }

  @Override
  public void find(VodFile file, @Nullable String etag, Consumer<Result> found) {
    FlvOpening opening = new FlvOpening(file.length());
    ProbeRun.run(
        file,
        opening,
        fault -> {
          if (fault != null) {
            found.accept(new Unreadable(fault));
          } else if (opening.playable()) {
            seek(file, opening, etag, found);
          } else {
            found.accept(new Whole());
          }
        });
  }

  private void seek(
      VodFile file, FlvOpening opening, @Nullable String etag, Consumer<Result> found) {
    FlvSeek search = query.in(opening);
    ProbeRun.run(
        file,
        search,
        fault ->
            found.accept(
                fault == null
                    ? result(FlvCut.at(opening, search.place()), etag)
                    : new Unreadable(fault)));
  }

  private static Result result(@Nullable FlvCut cut, @Nullable String etag) {
    return cut == null
        ? new Whole()
        : new Rest(cut.head(), cut.position(), etag == null ? null : cut.etag(etag));
  }
}
