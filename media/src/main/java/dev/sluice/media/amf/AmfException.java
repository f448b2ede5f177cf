package dev.sluice.media.amf;

/** AMF that cannot be read or written, or that passes a limit. */
public final class AmfException extends RuntimeException {
  /** What is wrong with the bytes. */
  public enum Reason {
    /** The bytes end inside a value. */
    TRUNCATED,
    /** A marker that is unknown or that live video has no use for. */
    UNSUPPORTED_MARKER,
    /** Nested deeper than {@link AmfLimits#maxDepth}. */
    TOO_DEEP,
    /** More values than {@link AmfLimits#maxElements}. */
    TOO_MANY_ELEMENTS,
    /** An AMF3 reference to something that was not sent. */
    BAD_REFERENCE,
    /** A property name too long to be written. */
    KEY_TOO_LONG
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  AmfException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is wrong with the bytes. */
  public Reason reason() {
    return reason;
  }
}
