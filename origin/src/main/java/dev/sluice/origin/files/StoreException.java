package dev.sluice.origin.files;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A store did not take what was to be written. Its message is for the log. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1;

  private final Refusal reason;
  private final String detail;

  /**
   * For a fault that a store has found itself.
   *
   * @param detail a sentence for the client
   */
  public StoreException(Refusal reason, String detail) {
    this(reason, detail, null);
  }

  /**
   * For one that lies deeper.
   *
   * @param detail a sentence for the client, who is not told the cause
   */
  public StoreException(Refusal reason, String detail, @Nullable IOException cause) {
    super(cause == null ? detail : detail + ": " + cause, cause);
    this.reason = reason;
    this.detail = detail;
  }

  /** What a fault of a local disk means. */
  static StoreException ofDisk(IOException e) {
    if (e instanceof StoreException known) {
      return known;
    }
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded")
        ? new StoreException(Refusal.NO_SPACE, "the disk is full", e)
        : new StoreException(Refusal.DISK_ERROR, "the origin's disk failed; see its log", e);
  }

  /** Why. */
  public Refusal reason() {
    return reason;
  }

  /** The sentence for the client. */
  public String detail() {
    return detail;
  }
}
