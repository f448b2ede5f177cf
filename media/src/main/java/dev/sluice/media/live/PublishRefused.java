package dev.sluice.media.live;

import java.util.Locale;

/** A publication that was not accepted. The message says what to do. */
public final class PublishRefused extends Exception {
  /** Why. The word is the metric's {@code reason} tag. */
  public enum Reason {
    /** Another publisher holds the name. */
    BUSY,
    /** The key or the name is not allowed. */
    NOT_ALLOWED,
    /** The name is not a valid stream name. */
    BAD_NAME,
    /** The server takes no publishers, or stops. */
    UNAVAILABLE;

    /** Lower case, for metrics and logs. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String advice;

  /** A refusal with a sentence for the encoder's operator. */
  public PublishRefused(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
    this.advice = message;
  }

  /** What the encoder's operator should do about it. */
  public String advice() {
    return advice;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
