package dev.sluice.media.live.fanout;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import org.jspecify.annotations.Nullable;

/** Told of every stream of a hub: recording, packaging. */
public interface StreamListener {
  /**
   * A stream begins. Called on the stream's event loop.
   *
   * @return who gets its tags, or null
   */
  @Nullable Sink opened(StreamKey key, PublisherInfo publisher);

  /** Gets one stream's tags. Called on the stream's event loop; must not block. */
  interface Sink {
    /** A tag with the stream's time. Borrowed: retain it to keep it. */
    void tag(FlvTag tag);

    /** The stream is over; nothing follows. */
    void closed(EndReason reason);
  }
}
