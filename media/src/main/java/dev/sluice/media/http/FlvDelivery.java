package dev.sluice.media.http;

import dev.sluice.chassis.http.Problem;
import dev.sluice.media.live.fanout.ViewerEvents;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.stream.EndReason;
import io.netty.channel.Channel;

/**
 * How FLV gets to one viewer, from its HTTP request on. Knows nothing of streams; tells the session
 * what the connection does.
 *
 * <p>Threading: confined to the channel's event loop.
 */
sealed interface FlvDelivery permits HttpDelivery, WebSocketDelivery {
  /** The connection. */
  Channel channel();

  /** What the media is written as. */
  WireFormat format();

  /** Answers that the stream is there; media follows on the channel. */
  void begin(FlvSession session);

  /** Answers that it is not, instead of {@link #begin}. */
  void refuse(Problem problem);

  /** Does what {@link ViewerEvents#mark} says. */
  boolean mark(int number);

  /** No media will follow: ends the connection in the way that says why. */
  void end(EndReason reason);
}
