package dev.sluice.media.hls.live;

import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.RenditionReport;
import java.util.List;
import java.util.function.Supplier;

/**
 * What there is of a stream at a moment.
 *
 * @param playlist what is listed
 * @param texts the playlist's bodies
 * @param media what this server has made of it
 */
record HlsState(MediaPlaylist playlist, PlaylistTexts texts, KeptMedia media) {
  static HlsState of(
      MediaPlaylist playlist, KeptMedia media, Supplier<List<RenditionReport>> siblings) {
    return new HlsState(playlist, new PlaylistTexts(playlist, siblings), media);
  }
}
