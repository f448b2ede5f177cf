package dev.sluice.media.flv;

/** Bytes that are not the FLV container, or that pass a limit. */
public final class FlvException extends RuntimeException {
  /** What is wrong with the bytes. */
  public enum Reason {
    /** The signature or the header length is not that of FLV. */
    NOT_FLV,
    /** A tag body longer than the limit. */
    TAG_TOO_LARGE
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  FlvException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is wrong with the bytes. */
  public Reason reason() {
    return reason;
  }
}
