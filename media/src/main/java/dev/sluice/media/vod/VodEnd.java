package dev.sluice.media.vod;

import java.util.Locale;

/** How a play of a file ended or why it was refused: the log word and the meter's tag. */
public enum VodEnd {
  /** The file was sent to its end, or as far as was asked for. */
  COMPLETED,
  /** The viewer stopped or left before. */
  STOPPED,
  /** The viewer took no byte for too long. */
  STALLED,
  /** The viewer paused, or did nothing at the end, for too long. */
  IDLE,
  /** The file could not be read on. */
  FAILED,
  /** There is no such file. */
  NOT_FOUND,
  /** The file is not FLV. */
  NOT_FLV,
  /** It cannot be had now. */
  UNAVAILABLE;

  /** Lower case, for metrics and logs. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
