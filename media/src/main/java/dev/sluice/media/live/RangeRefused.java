package dev.sluice.media.live;

import java.util.Locale;

/** A span of time that is not listed. The message says why, as a sentence. */
public final class RangeRefused extends Exception {
  /** Why. The word is the metric's {@code result} tag. */
  public enum Reason {
    /** It would break the playlist, or passes a limit. */
    BAD,
    /** Another server decides what is listed of the stream, or nothing of it is listed yet. */
    NOT_HERE,
    /** One of the same name says something else. */
    CONTRADICTS,
    /** Too many at once. */
    TOO_MANY;

    /** Lower case, for metrics. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String sentence;

  RangeRefused(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
    this.sentence = message;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** What to do about it. */
  public String sentence() {
    return sentence;
  }
}
