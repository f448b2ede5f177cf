package dev.sluice.media.live;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.SequenceHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * The metadata and the sequence headers of a stream, as its viewers should get them: at the
 * stream's time, and metadata without what a live stream cannot keep.
 *
 * <p>Threading: confined to the stream's loop.
 */
final class StreamHeaders {
  private final StreamClock clock;
  private final IngestStats ingest;

  /** For a stream with this clock; what metadata says is told to {@code ingest}. */
  StreamHeaders(StreamClock clock, IngestStats ingest) {
    this.clock = clock;
    this.ingest = ingest;
  }

  /** The tag for viewers, which the caller owns. Borrows what came. */
  FlvTag timed(FlvTag tag) {
    long timeMs = clock.ofHeader(tag.video(), tag.timestampMs());
    return tag.script() ? metadata(tag) : SequenceHeaders.pinned(tag.type(), timeMs, tag.payload());
  }

  private FlvTag metadata(FlvTag tag) {
    ScriptData forViewers = ingest.metadata(tag);
    if (forViewers == null) {
      return SequenceHeaders.pinned(tag.type(), clock.newest(), tag.payload());
    }
    ByteBuf body;
    try {
      body = forViewers.encode(ByteBufAllocator.DEFAULT);
    } catch (AmfException e) { // a name that cannot be written again: as it came
      return SequenceHeaders.pinned(tag.type(), clock.newest(), tag.payload());
    }
    try {
      return SequenceHeaders.pinned(tag.type(), clock.newest(), body);
    } finally {
      body.release();
    }
  }
}
