package dev.sluice.media.hls.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.segment.PartDigest;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a part as they come, until the mark that ends it.
 *
 * <p>Ownership: retains the tags; {@link #release} lets go.
 *
 * <p>Threading: confined to the stream's loop.
 */
final class OpenPart {
  private static final int MOST_BYTES = 64 << 20;

  private final SegmentMark begins;
  private final long markMs;
  private MuxedTracks tracks;
  private final PartDigest digest = new PartDigest();
  private final List<FlvTag> tags = new ArrayList<>();
  private long bytes;

  /**
   * A part without tags.
   *
   * @param markMs this server's time of the moment at which it begins
   * @param tracks those of which it is made; while they are unknown all tags are kept
   */
  OpenPart(SegmentMark begins, long markMs, MuxedTracks tracks) {
    this.begins = begins;
    this.markMs = markMs;
    this.tracks = tracks;
  }

  SegmentMark begins() {
    return begins;
  }

  /** Of its tags. */
  long bytes() {
    return bytes;
  }

  boolean knowsTracks() {
    return tracks.isKnown();
  }

  /** It is known now of which tracks it is made. */
  void tracks(MuxedTracks known) {
    tracks = known;
  }

  /** Adds a media tag. Borrows it. */
  void add(FlvTag tag) {
    long sinceMs = tag.timestampMs() - markMs;
    digest.add(tag, sinceMs);
    bytes += tag.payloadBytes();
    if ((!tracks.isKnown() || tracks.has(tag)) && bytes <= MOST_BYTES) {
      tags.add(tag.at(begins.timeMs() + sinceMs));
    }
  }

  /** Whether the mark that ends it follows, and was made of the same tags. */
  boolean isWhatEnds(SegmentMark ends) {
    boolean follows =
        ends.msn() == begins.msn()
            ? ends.part() == begins.part() + 1
            : ends.msn() == begins.msn() + 1 && ends.part() == 0;
    return follows
        && ends.incarnation() == begins.incarnation()
        && ends.endMs() != SegmentMark.NOTHING_ENDS
        && ends.tags() == digest.tags()
        && ends.digest() == digest.value()
        && bytes <= MOST_BYTES;
  }

  /** Its bytes, which the caller owns; null when they cannot be made. */
  @Nullable ByteBuf mux(HlsMuxer muxer, SegmentMark ends) {
    return tracks.isKnown()
        ? muxer.part(begins, ends.endMs(), tags, tracks.video(), tracks.audio())
        : null;
  }

  /** What players need before it; null when its tracks cannot be carried. */
  byte @Nullable [] init(HlsMuxer muxer) {
    return tracks.isKnown() ? muxer.init(tracks.video(), tracks.audio()) : null;
  }

  void release() {
    tags.forEach(FlvTag::release);
    tags.clear();
  }
}
