package dev.sluice.media.hls;

import java.util.Locale;

/** A playlist that cannot be read. */
public final class PlaylistException extends Exception {
  private static final long serialVersionUID = 1L;
  private final Reason reason;

  /** What is wrong with it. */
  public enum Reason {
    /** No playlist at all. */
    NOT_A_PLAYLIST,
    /** Longer, or with more in it, than any of ours. */
    TOO_LARGE,
    /** A line that ours cannot have. */
    BAD_LINE,
    /** Something that ours always say is not said. */
    INCOMPLETE;

    /** Lower case, for metrics and logs. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  PlaylistException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is wrong with it. */
  public Reason reason() {
    return reason;
  }
}
