package dev.sluice.media.live.timeline;

import dev.sluice.media.flv.FlvTag;
import java.util.List;

/**
 * Tags on their way from a stream to one shard, with the tracks known by then. Holds one reference
 * on each tag, which passes to whoever takes them.
 *
 * <p>What it begins with may be the start of something else.
 */
public final class TagBatch {
  /** What its first tag starts. */
  public enum Start {
    /** Nothing new. */
    NOTHING,
    /** Another codec: viewers who have a place are ended before it. */
    CODEC,
    /** Another publisher's media: nobody joins before it. */
    PUBLISHER
  }

  private final FlvTag[] tags;
  private final Tracks tracks;
  private final Start start;

  /** Takes a reference on each tag. */
  public TagBatch(List<FlvTag> tags, Tracks tracks, Start start) {
    this.start = start;
    this.tags = tags.toArray(new FlvTag[0]);
    this.tracks = tracks;
    for (FlvTag tag : this.tags) {
      tag.retain();
    }
  }

  public FlvTag[] tags() {
    return tags;
  }

  public Tracks tracks() {
    return tracks;
  }

  public Start start() {
    return start;
  }

  /** When nobody took them. */
  public void release() {
    for (FlvTag tag : tags) {
      tag.release();
    }
  }
}
