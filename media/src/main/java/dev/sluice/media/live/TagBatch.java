package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import java.util.List;

/**
 * Tags on their way from a stream to one shard, with the tracks known by then. Holds one reference
 * on each tag, which passes to whoever takes them.
 *
 * <p>With {@code restart}, viewers who have a place are ended before it, as its codec is another.
 */
final class TagBatch {
  private final FlvTag[] tags;
  private final Tracks tracks;
  private final boolean restart;

  /** Takes a reference on each tag. */
  TagBatch(List<FlvTag> tags, Tracks tracks, boolean restart) {
    this.restart = restart;
    this.tags = tags.toArray(new FlvTag[0]);
    this.tracks = tracks;
    for (FlvTag tag : this.tags) {
      tag.retain();
    }
  }

  FlvTag[] tags() {
    return tags;
  }

  Tracks tracks() {
    return tracks;
  }

  boolean restart() {
    return restart;
  }

  /** When nobody took them. */
  void release() {
    for (FlvTag tag : tags) {
      tag.release();
    }
  }
}
