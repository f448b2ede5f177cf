package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.client.ClientEnd;

/** Whose connections to upstreams these are. Called on the event loop of the stream. */
interface PullListener {
  /** A tag came from one that is asked, active or stands by. Borrows it. */
  void onTag(UpstreamPull from, FlvTag tag);

  /** A connection has ended by itself. */
  void onEnd(UpstreamPull from, ClientEnd end);

  /** An upstream that was busy may be asked. */
  void onTurn();
}
