package dev.sluice.media.rtmp.server;

import dev.sluice.media.live.fanout.TrackChoice;
import dev.sluice.media.stream.EndReason;

/**
 * The viewer's role of an RTMP connection: one play request, from its start until either side ends
 * it. {@link ViewerRoles} makes one for each request.
 *
 * <p>Threading: confined to the connection's event loop.
 */
interface ViewerRole {
  /** That of a connection that has not asked to play, or was denied. */
  ViewerRole NONE = new NoViewer();

  /** Looks for what was asked for, and plays it or refuses. Called once, before all else. */
  void start();

  /** Whether it plays or is about to; false once it is over. */
  boolean busy();

  /** The connection's writability has changed. */
  void onWritable();

  /** The viewer pauses or goes on. */
  void pause(boolean on);

  /** The viewer wants to go on from another media time. */
  void seek(long timeMs);

  /** The viewer told the length of its buffer. */
  void setBuffer(long ms);

  /** The viewer switched tracks on or off. */
  void choose(TrackChoice wanted);

  /** The viewer has read all up to a mark. */
  void onAnswered(int mark);

  /** The viewer stopped, or its connection is gone. May be called when it is over. */
  void leave(EndReason reason);

  /** Nobody who plays. */
  final class NoViewer implements ViewerRole {
    private NoViewer() {}

    @Override
    public void start() {}

    @Override
    public boolean busy() {
      return false;
    }

    @Override
    public void onWritable() {}

    @Override
    public void pause(boolean on) {}

    @Override
    public void seek(long timeMs) {}

    @Override
    public void setBuffer(long ms) {}

    @Override
    public void choose(TrackChoice wanted) {}

    @Override
    public void onAnswered(int mark) {}

    @Override
    public void leave(EndReason reason) {}
  }
}
