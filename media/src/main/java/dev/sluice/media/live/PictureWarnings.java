package dev.sluice.media.live;

import dev.sluice.media.stream.StreamKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that nothing of a stream's picture can be shown, once a minute at most.
 *
 * <p>Threading: confined to the stream's loop.
 */
final class PictureWarnings {
  private static final Logger log = LoggerFactory.getLogger(PictureWarnings.class);
  private static final long AGAIN_NANOS = 60_000_000_000L;

  private final StreamKey key;
  private boolean warned;
  private long warnedNanos;

  /** Nothing has been said yet. */
  PictureWarnings(StreamKey key) {
    this.key = key;
  }

  void warn(PictureWatch.Trouble trouble, long nowNanos) {
    if (!warned || nowNanos - warnedNanos >= AGAIN_NANOS) {
      warned = true;
      warnedNanos = nowNanos;
      log.warn(
          "picture cannot be shown stream={} reason={} detail=\"{}\"",
          key,
          trouble.word(),
          trouble.sentence());
    }
  }
}
