package dev.sluice.media.live.fanout;

import dev.sluice.media.stream.EndReason;
import org.jspecify.annotations.Nullable;

/** A stream as its viewers see it. Called on the viewer's event loop. */
public interface WatchedStream {
  /** A viewer has found it. Returns the name by which an operator may end the viewer. */
  long viewerEntered(Viewer viewer);

  /**
   * A viewer left.
   *
   * @param cursor its place, or null when it had none yet
   */
  void viewerLeft(Viewer viewer, @Nullable ViewerCursor cursor);

  /** A viewer pauses, and gives up its place. */
  void viewerPaused(Viewer viewer, @Nullable ViewerCursor cursor);

  /** A viewer goes on, and gets a new place. */
  void viewerResumed(Viewer viewer);

  /** A viewer was ended from this side. */
  void viewerEnded(EndReason reason);
}
