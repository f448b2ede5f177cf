package dev.sluice.media.mp4;

/** Bytes that are not MP4, or MP4 that is not read here. */
public final class Mp4Exception extends RuntimeException {
  /** What is wrong. */
  public enum Reason {
    /** A box or a field reaches beyond what is there. */
    CUT_SHORT,
    /** Something that the format requires is missing. */
    MISSING,
    /** Something contradicts itself. */
    CONTRADICTION,
    /** More of something than the limit. */
    TOO_MANY,
    /** Of a kind that is not read here. */
    NOT_READ
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  Mp4Exception(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is wrong. */
  public Reason reason() {
    return reason;
  }
}
