package dev.sluice.media.rtmp.server;

import dev.sluice.media.live.fanout.TrackChoice;

/**
 * How a viewer wants to be served. Players often tell it before they ask for a stream, so it
 * belongs to the connection and holds for everything that is played on it from then on.
 *
 * @param bufferMs length of the player's buffer in milliseconds; below 0 = not told
 * @param tracks which tracks it wants
 */
record ViewerWishes(long bufferMs, TrackChoice tracks) {
  /** Those of a viewer that has told nothing. */
  static final ViewerWishes UNTOLD = new ViewerWishes(-1, TrackChoice.ALL);

  ViewerWishes withBuffer(long ms) {
    return new ViewerWishes(ms, tracks);
  }

  ViewerWishes withTracks(TrackChoice wanted) {
    return new ViewerWishes(bufferMs, wanted);
  }
}
