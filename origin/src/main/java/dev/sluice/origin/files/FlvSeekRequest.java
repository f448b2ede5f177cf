package dev.sluice.origin.files;

import dev.sluice.media.vod.FlvCut;
import dev.sluice.media.vod.FlvOpening;
import dev.sluice.media.vod.FlvSeek;
import dev.sluice.media.vod.SeekQuery;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Finds where an open file goes on for a seeking player. Blocks. */
final class FlvSeekRequest {
  private FlvSeekRequest() {}

  /** Null when the file is no FLV to seek in: it is sent whole then. */
  static @Nullable FlvCut cut(OpenFile file, SeekQuery query) throws IOException {
    FlvOpening opening = new FlvOpening(file.size());
    FileReads.run(file.content(), opening);
    if (!opening.playable()) {
      return null;
    }
    FlvSeek seek = query.in(opening);
    FileReads.run(file.content(), seek);
    return FlvCut.at(opening, seek.place());
  }
}
