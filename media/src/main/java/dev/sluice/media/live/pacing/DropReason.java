package dev.sluice.media.live.pacing;

import java.util.Locale;

/** Why frames were left out for a viewer. The word is the metric's tag. */
public enum DropReason {
  /** The viewer was somewhat behind and nothing refers to these frames. */
  DISPOSABLE,
  /** The viewer was too far behind: video was skipped to a new keyframe. */
  LAG,
  /** The viewer's line is too slow for video, which is left out for some time. */
  AUDIO_ONLY,
  /** The viewer was so far behind that the media was no longer held. */
  EXPIRED;

  /** Lower case, for metrics and JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
