package dev.sluice.media.access;

import java.util.Locale;

/** A publication that was not accepted. The message says what to do. */
public final class PublishRefused extends Exception {
  /** Why. The word is the metric's {@code reason} tag. */
  public enum Reason {
    /** Another publisher holds the name. */
    BUSY,
    /** Nobody may publish here. */
    NOT_ALLOWED,
    /** Neither a key nor a token was shown. */
    KEY_MISSING,
    /** The key is not that of the stream. */
    KEY_WRONG,
    /** No key is set for a stream of this name. */
    NAME_WITHOUT_KEY,
    /** The token was good once. */
    TOKEN_EXPIRED,
    /** The token is good for other streams. */
    TOKEN_OTHER_STREAM,
    /** The token was not made here. */
    TOKEN_WRONG,
    /** As many streams are published as may be at once. */
    TOO_MANY_STREAMS,
    /** An operator has barred the name for a while, or ended the publication. */
    BANNED,
    /** The hook said no. */
    HOOK_REFUSED,
    /** The hook could not be asked. */
    HOOK_FAILED,
    /** The name is not a valid stream name. */
    BAD_NAME,
    /** The server takes no publishers, or stops. */
    UNAVAILABLE;

    /** Whether who is refused so may be guessing. */
    public boolean mayBeAGuess() {
      return switch (this) {
        case KEY_MISSING,
            KEY_WRONG,
            NAME_WITHOUT_KEY,
            TOKEN_EXPIRED,
            TOKEN_OTHER_STREAM,
            TOKEN_WRONG,
            HOOK_REFUSED ->
            true;
        case BUSY, NOT_ALLOWED, TOO_MANY_STREAMS, BANNED, HOOK_FAILED, BAD_NAME, UNAVAILABLE ->
            false;
      };
    }

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
