package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import java.util.List;

/**
 * Tags on their way from a stream to one shard, with the tracks known by then. Holds one reference
 * on each tag, which passes to whoever takes them.
 */
final class TagBatch {
  private final FlvTag[] tags;
  private final Tracks tracks;

  /** Takes a reference on each tag. */
  TagBatch(List<FlvTag> tags, Tracks tracks) {
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

  /** When nobody took them. */
  void release() {
    for (FlvTag tag : tags) {
      tag.release();
    }
  }
}
