package dev.sluice.media.live.pacing;

import java.util.Locale;

/**
 * What a viewer's line still carries, as {@link DropController} decides: the less, the further
 * down.
 */
public enum DropLevel {
  /** Everything. */
  ALL,
  /** Everything but frames that no other frame refers to. */
  NO_DISPOSABLE,
  /** No video until a keyframe that is new enough; audio goes on. */
  TO_KEYFRAME,
  /** No video for some time, since the line has proved too slow for it; audio goes on. */
  AUDIO_ONLY;

  /** Lower case, for JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
