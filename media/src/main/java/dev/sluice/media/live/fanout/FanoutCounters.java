package dev.sluice.media.live.fanout;

import dev.sluice.media.live.pacing.DropReason;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.Protocol;

/** Counts what happens to the viewers of one stream. Any thread. */
public interface FanoutCounters {
  /** A viewer found the stream. */
  void viewerJoined(Protocol protocol);

  /** A viewer is gone. */
  void viewerLeft(Protocol protocol);

  /** A viewer was ended from this side. */
  void disconnected(EndReason reason);

  /** Media bytes were handed to viewers' connections. */
  void sent(Protocol protocol, long bytes);

  /** Frames were left out for a viewer. */
  void dropped(DropReason reason, int frames);

  /** A batch was sent to all viewers on a loop. */
  void flushed();
}
