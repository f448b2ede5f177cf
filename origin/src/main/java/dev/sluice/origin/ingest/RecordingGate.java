package dev.sluice.origin.ingest;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;

/**
 * Decides which tags a recording takes while its disk is slow: all, until the queue is full; then
 * none until the queue is half empty and a keyframe comes (any tag, where there is no video).
 * Headers pass up to twice the limit, as all that follows depends on them.
 *
 * <p>Pure: (state, tag, queued bytes) to a verdict. One thread.
 */
final class RecordingGate {
  private final long limitBytes;
  private boolean skipping;
  private boolean video;
  private long videoMs;

  RecordingGate(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Whether the recording takes this tag. */
  boolean admits(FlvTag tag, long queuedBytes) {
    if (tag.video()) {
      video = true;
      videoMs = tag.timestampMs();
    } else if (tag.timestampMs() - videoMs > Recording.TRACK_GONE_MS) {
      video = false; // no keyframe will come
    }
    if (SequenceHeaders.isHeader(tag)) {
      return queuedBytes + tag.payloadBytes() <= 2 * limitBytes;
    }
    if (skipping && queuedBytes <= limitBytes / 2 && (tag.keyframe() || !video)) {
      skipping = false;
    }
    if (queuedBytes + tag.payloadBytes() > limitBytes) {
      skipping = true;
    }
    return !skipping;
  }

  /** From now on nothing passes before the next keyframe. */
  void skipToKeyframe() {
    skipping = true;
  }
}
